-- name:   coupons.open_facts
-- grain:  one row per person with a coupon that can be used
-- reads:  coupons_coupon(customer_id, last_date, state)
-- units:  open_coupons COUNT, next_end_date last day of the coupon that ends first
SELECT
    customer_id,
    count(*) AS open_coupons,
    min(last_date) AS next_end_date
FROM coupons_coupon
WHERE customer_id IS NOT NULL AND state = 'given'
GROUP BY customer_id
