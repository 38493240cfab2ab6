-- name:   orders.purchase_facts
-- grain:  one row per line of a sale to a known person
-- reads:  orders_order(order_id, customer_id, business_date, status, channel, store_id, currency)
--         orders_line(order_id, product_id, quantity, amount_minor)
--         orders_product(product_id, code, name, category)
-- units:  quantity COUNT, amount_minor minor currency unit
SELECT
    sale.customer_id,
    sale.business_date,
    sale.channel,
    sale.store_id,
    sale.currency,
    product.code AS product_code,
    product.name AS product_name,
    product.category AS product_category,
    line.quantity,
    line.amount_minor
FROM orders_line AS line
JOIN orders_order AS sale ON sale.order_id = line.order_id
JOIN orders_product AS product ON product.product_id = line.product_id
WHERE sale.status NOT IN (0, 50) AND sale.customer_id IS NOT NULL AND sale.business_date IS NOT NULL
