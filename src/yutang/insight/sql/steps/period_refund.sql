-- name:   insight.period_refund
-- grain:  one row per refund of one of two periods that names no order, and so no store: none where single stores are asked about
-- reads:  orders_refund(order_id, product_id, business_date, currency, amount_minor)
-- params: before_start DATE, before_end DATE (exclusive), now_start DATE, now_end DATE (exclusive), currency VARCHAR,
--         stores BIGINT[] (null: all, and what belongs to no store)
-- units:  amount_minor minor currency unit
SELECT
    CASE
        WHEN orders_refund.business_date >= $now_start AND orders_refund.business_date < $now_end THEN 'now'
        ELSE 'before'
    END AS period,
    orders_refund.product_id,
    orders_refund.amount_minor
FROM orders_refund
WHERE
    orders_refund.order_id IS NULL
    AND (
        (orders_refund.business_date >= $now_start AND orders_refund.business_date < $now_end)
        OR (orders_refund.business_date >= $before_start AND orders_refund.business_date < $before_end)
    )
    AND orders_refund.currency = $currency
    AND CAST($stores AS BIGINT[]) IS NULL
