-- name:   insight.cohort_member
-- grain:  one row per customer whose first sale lies on or after $since_date, with the group of its first order
-- uses:   insight.first_order
-- reads:  orders_line(line_id, order_id, product_id, amount_minor)
--         orders_product(product_id, code, name)
-- params: grouping VARCHAR (all, month, store, channel or product: of the first order; its dearest line)
-- units:  first_date DATE
WITH first_line AS (
    SELECT orders_line.order_id, orders_line.product_id
    FROM orders_line
    WHERE $grouping = 'product' AND orders_line.order_id IN (SELECT first_order.order_id FROM first_order)
    QUALIFY
        row_number() OVER (PARTITION BY orders_line.order_id ORDER BY orders_line.amount_minor DESC, orders_line.line_id) = 1
)
SELECT
    first_order.customer_id,
    first_order.first_date,
    CASE $grouping
        WHEN 'month' THEN strftime(first_order.first_date, '%Y-%m')
        WHEN 'store' THEN CAST(first_order.store_id AS VARCHAR)
        WHEN 'channel' THEN first_order.channel_key
        WHEN 'product'
            THEN CASE WHEN orders_product.name <> '' THEN orders_product.name ELSE orders_product.code END
    END AS group_key
FROM first_order
LEFT JOIN first_line ON first_line.order_id = first_order.order_id
LEFT JOIN orders_product ON orders_product.product_id = first_line.product_id
