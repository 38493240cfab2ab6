-- name:   insight.daily_sales
-- grain:  one row per business day with a sale or a refund that names no order
-- reads:  orders_order(store_id, status, business_date, currency, total_minor, refunded_minor)
--         orders_refund(order_id, business_date, currency, amount_minor)
-- params: start_date DATE, end_date DATE (exclusive), currency VARCHAR,
--         stores BIGINT[] (null: all, and what belongs to no store)
-- units:  sales_minor minor currency unit net of refunds, orders COUNT
WITH sale AS (
    SELECT business_date, total_minor - refunded_minor AS net_minor, 1 AS orders
    FROM orders_order
    WHERE
        status NOT IN (0, 50)
        AND business_date >= $start_date
        AND business_date < $end_date
        AND currency = $currency
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id))
),
returned AS (
    SELECT business_date, -amount_minor AS net_minor, 0 AS orders
    FROM orders_refund
    WHERE
        order_id IS NULL
        AND business_date >= $start_date
        AND business_date < $end_date
        AND currency = $currency
        AND CAST($stores AS BIGINT[]) IS NULL
),
movement AS (
    SELECT business_date, net_minor, orders FROM sale
    UNION ALL
    SELECT business_date, net_minor, orders FROM returned
)
SELECT
    business_date,
    CAST(sum(net_minor) AS BIGINT) AS sales_minor,
    CAST(sum(orders) AS BIGINT) AS orders
FROM movement
GROUP BY business_date
ORDER BY business_date
