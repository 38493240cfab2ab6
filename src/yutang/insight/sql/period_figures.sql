-- name:   insight.period_figures
-- grain:  one row per period (now, before) with a sale or a refund that names no order
-- reads:  orders_order(customer_id, store_id, status, business_date, currency, total_minor, refunded_minor)
--         orders_refund(order_id, customer_id, business_date, currency, amount_minor)
-- params: before_date DATE (start of the period before), start_date DATE (start of the period), end_date DATE (exclusive),
--         currency VARCHAR, stores BIGINT[] (null: all, and what belongs to no store)
-- units:  *_minor minor currency unit net of refunds, orders COUNT, buyers COUNT of known customers with a sale
WITH sale AS (
    SELECT
        CASE WHEN business_date >= $start_date THEN 'now' ELSE 'before' END AS period,
        customer_id,
        total_minor - refunded_minor AS net_minor,
        1 AS orders
    FROM orders_order
    WHERE
        status NOT IN (0, 50)
        AND business_date >= $before_date
        AND business_date < $end_date
        AND currency = $currency
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id))
),
returned AS (
    SELECT
        CASE WHEN business_date >= $start_date THEN 'now' ELSE 'before' END AS period,
        customer_id,
        -amount_minor AS net_minor,
        0 AS orders
    FROM orders_refund
    WHERE
        order_id IS NULL
        AND business_date >= $before_date
        AND business_date < $end_date
        AND currency = $currency
        AND CAST($stores AS BIGINT[]) IS NULL
),
movement AS (
    SELECT period, customer_id, net_minor, orders FROM sale
    UNION ALL
    SELECT period, customer_id, net_minor, orders FROM returned
)
SELECT
    period,
    CAST(coalesce(sum(net_minor) FILTER (WHERE customer_id IS NOT NULL), 0) AS BIGINT) AS known_sales_minor,
    CAST(coalesce(sum(net_minor) FILTER (WHERE customer_id IS NULL), 0) AS BIGINT) AS anonymous_sales_minor,
    CAST(coalesce(sum(orders) FILTER (WHERE customer_id IS NOT NULL), 0) AS BIGINT) AS orders,
    CAST(coalesce(sum(orders) FILTER (WHERE customer_id IS NULL), 0) AS BIGINT) AS anonymous_orders,
    count(DISTINCT customer_id) FILTER (WHERE orders = 1) AS buyers
FROM movement
GROUP BY period
