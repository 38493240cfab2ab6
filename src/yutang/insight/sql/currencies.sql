-- name:   insight.currencies
-- grain:  one row per currency with a sale
-- reads:  orders_order(status, business_date, currency)
-- params: end_date DATE (exclusive)
-- units:  orders COUNT
SELECT currency, count(*) AS orders, min(business_date) AS first_date, max(business_date) AS last_date
FROM orders_order
WHERE status NOT IN (0, 50) AND business_date < $end_date
GROUP BY currency
ORDER BY orders DESC, currency
