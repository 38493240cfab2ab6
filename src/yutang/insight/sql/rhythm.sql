-- name:   insight.rhythm
-- grain:  one row per customer with sales on two or more days before $as_of
-- reads:  orders_order(customer_id, status, business_date)
-- params: as_of DATE (exclusive)
-- units:  rhythm_days DAY, median of the days between one order day and the next, half rounded up
WITH order_day AS (
    SELECT DISTINCT customer_id, business_date
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < $as_of
),
gap AS (
    SELECT
        customer_id,
        date_diff('day', lag(business_date) OVER (PARTITION BY customer_id ORDER BY business_date), business_date) AS days
    FROM order_day
)
SELECT customer_id, CAST(floor(median(days) + 0.5) AS INTEGER) AS rhythm_days
FROM gap
WHERE days IS NOT NULL
GROUP BY customer_id
