-- name:   insight.loose_refunds
-- grain:  one row per customer who got money back before $known_before without an order being named
-- reads:  orders_refund(order_id, customer_id, business_date, currency, amount_minor)
-- params: known_before DATE (exclusive), currency VARCHAR
-- units:  loose_minor minor currency unit
SELECT customer_id, CAST(sum(amount_minor) AS BIGINT) AS loose_minor
FROM orders_refund
WHERE
    order_id IS NULL
    AND customer_id IS NOT NULL
    AND currency = $currency
    AND business_date < $known_before
GROUP BY customer_id
ORDER BY customer_id
