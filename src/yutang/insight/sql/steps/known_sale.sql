-- name:   insight.known_sale
-- grain:  one row per sale to a known customer before $end_date
-- reads:  orders_order(order_id, customer_id, store_id, shop_id, channel, status, business_date)
-- params: end_date DATE (exclusive: orders are known up to here), stores BIGINT[] (only sales of these; null: all)
-- units:  none
SELECT
    orders_order.order_id,
    orders_order.customer_id,
    orders_order.store_id,
    orders_order.shop_id,
    orders_order.channel,
    orders_order.business_date
FROM orders_order
WHERE
    orders_order.status NOT IN (0, 50)
    AND orders_order.customer_id IS NOT NULL
    AND orders_order.business_date < $end_date
    AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), orders_order.store_id))
