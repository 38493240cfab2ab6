-- name:   orders.refund_facts
-- grain:  one row per refund to a known person, by itself or through its order
-- reads:  orders_refund(order_id, customer_id, product_id, business_date, currency, amount_minor)
--         orders_order(order_id, customer_id, channel, store_id)
--         orders_product(product_id, name)
-- units:  amount_minor minor currency unit
SELECT
    coalesce(refund.customer_id, sale.customer_id) AS customer_id,
    refund.business_date,
    refund.currency,
    refund.amount_minor,
    sale.channel,
    sale.store_id,
    product.name AS product_name
FROM orders_refund AS refund
LEFT JOIN orders_order AS sale ON sale.order_id = refund.order_id
LEFT JOIN orders_product AS product ON product.product_id = refund.product_id
WHERE coalesce(refund.customer_id, sale.customer_id) IS NOT NULL AND refund.business_date IS NOT NULL
