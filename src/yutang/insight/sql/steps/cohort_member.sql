-- name:   insight.cohort_member
-- grain:  one row per customer whose first sale lies on or after $since_date, with the group of its first order
-- uses:   insight.known_sale
-- reads:  orders_line(line_id, order_id, product_id, amount_minor)
--         orders_product(product_id, code, name)
--         orders_shop(shop_id, platform)
-- params: grouping VARCHAR (all, month, store, channel or product: of the first order; its dearest line), since_date DATE (only who
--         came from this day on)
-- units:  first_date DATE; of several sales on that day the one that was kept first
WITH first_day AS (
    SELECT known_sale.customer_id, min(known_sale.business_date) AS first_date
    FROM known_sale
    GROUP BY known_sale.customer_id
    HAVING min(known_sale.business_date) >= $since_date
),
-- The order itself is looked for only where the group needs more of it than its day.
first_order_id AS (
    SELECT first_day.customer_id, min(known_sale.order_id) AS order_id
    FROM first_day
    JOIN known_sale
        ON known_sale.customer_id = first_day.customer_id AND known_sale.business_date = first_day.first_date
    WHERE $grouping IN ('store', 'channel', 'product')
    GROUP BY first_day.customer_id
),
first_order AS (
    SELECT
        first_order_id.customer_id,
        first_order_id.order_id,
        known_sale.store_id,
        concat(orders_shop.platform, '/', coalesce(known_sale.channel, '')) AS channel_key
    FROM first_order_id
    JOIN known_sale ON known_sale.order_id = first_order_id.order_id
    LEFT JOIN orders_shop ON orders_shop.shop_id = known_sale.shop_id
),
first_line AS (
    SELECT orders_line.order_id, orders_line.product_id
    FROM orders_line
    WHERE $grouping = 'product' AND orders_line.order_id IN (SELECT first_order.order_id FROM first_order)
    QUALIFY
        row_number() OVER (PARTITION BY orders_line.order_id ORDER BY orders_line.amount_minor DESC, orders_line.line_id) = 1
)
SELECT
    first_day.customer_id,
    first_day.first_date,
    CASE $grouping
        WHEN 'month' THEN strftime(first_day.first_date, '%Y-%m')
        WHEN 'store' THEN CAST(first_order.store_id AS VARCHAR)
        WHEN 'channel' THEN first_order.channel_key
        WHEN 'product'
            THEN CASE WHEN orders_product.name <> '' THEN orders_product.name ELSE orders_product.code END
    END AS group_key
FROM first_day
LEFT JOIN first_order ON first_order.customer_id = first_day.customer_id
LEFT JOIN first_line ON first_line.order_id = first_order.order_id
LEFT JOIN orders_product ON orders_product.product_id = first_line.product_id
