-- name:   journeys.orders_at
-- grain:  one row per order of a known person that is in one of the states, placed since a day
-- reads:  orders_order(order_id, customer_id, status, business_date, total_minor)
-- inputs: asked(status)
-- params: since DATE
-- units:  total_minor minor currency unit; before COUNT of earlier sales of the person
SELECT
    placed.order_id,
    placed.customer_id,
    placed.total_minor,
    count(earlier.order_id) AS before
FROM orders_order AS placed
JOIN asked ON asked.status = placed.status
LEFT JOIN orders_order AS earlier
    ON earlier.customer_id = placed.customer_id
    AND earlier.status NOT IN (0, 50)
    AND (earlier.business_date < placed.business_date
        OR (earlier.business_date = placed.business_date AND earlier.order_id < placed.order_id))
WHERE placed.business_date >= $since AND placed.customer_id IS NOT NULL
GROUP BY placed.order_id, placed.customer_id, placed.total_minor
ORDER BY placed.order_id
