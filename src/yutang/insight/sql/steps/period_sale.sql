-- name:   insight.period_sale
-- grain:  one row per sale of one of two periods, and of which one it is (before, now)
-- reads:  orders_order(order_id, customer_id, store_id, staff_id, shop_id, channel, status, business_date, currency, total_minor,
--         refunded_minor)
-- params: before_start DATE, before_end DATE (exclusive), now_start DATE, now_end DATE (exclusive), currency VARCHAR,
--         stores BIGINT[] (sales of these; null: all, and what belongs to no store)
-- units:  net_minor minor currency unit net of refunds
SELECT
    CASE
        WHEN orders_order.business_date >= $now_start AND orders_order.business_date < $now_end THEN 'now'
        ELSE 'before'
    END AS period,
    orders_order.order_id,
    orders_order.customer_id,
    orders_order.store_id,
    orders_order.staff_id,
    orders_order.shop_id,
    orders_order.channel,
    orders_order.business_date,
    orders_order.total_minor - orders_order.refunded_minor AS net_minor
FROM orders_order
WHERE
    orders_order.status NOT IN (0, 50)
    AND (
        (orders_order.business_date >= $now_start AND orders_order.business_date < $now_end)
        OR (orders_order.business_date >= $before_start AND orders_order.business_date < $before_end)
    )
    AND orders_order.currency = $currency
    AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), orders_order.store_id))
