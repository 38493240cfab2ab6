-- name:   insight.sale_of_customer
-- grain:  one row per sale of a known customer before $as_of, in no order
-- reads:  orders_order(customer_id, status, business_date, currency, total_minor, refunded_minor)
-- params: as_of DATE (exclusive), currency VARCHAR (money is counted in it)
-- units:  net_minor minor currency unit of the sale as it is known now
SELECT
    customer_id,
    business_date,
    CASE WHEN currency = $currency THEN total_minor - refunded_minor ELSE 0 END AS net_minor
FROM orders_order
WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < $as_of
