-- name:   insight.repeat_days
-- grain:  one row per business day before $as_of with a sale to a customer whose first sale lies before $calibration_end
-- reads:  orders_order(customer_id, status, business_date)
-- params: calibration_end DATE (exclusive), as_of DATE (exclusive)
-- units:  newcomers COUNT of customers whose first sale it is, repeats COUNT of customers who came back that day
WITH order_day AS (
    SELECT DISTINCT customer_id, business_date
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < $as_of
),
started AS (
    SELECT customer_id, min(business_date) AS first_date
    FROM order_day
    GROUP BY customer_id
    HAVING min(business_date) < $calibration_end
)
SELECT
    order_day.business_date,
    count(*) FILTER (WHERE order_day.business_date = started.first_date) AS newcomers,
    count(*) FILTER (WHERE order_day.business_date > started.first_date) AS repeats
FROM order_day
JOIN started ON started.customer_id = order_day.customer_id
GROUP BY order_day.business_date
ORDER BY order_day.business_date
