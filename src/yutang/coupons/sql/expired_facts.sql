-- name:   coupons.expired_facts
-- grain:  one row per coupon of a known person that was not used in time
-- reads:  coupons_coupon(customer_id, last_date, kind, campaign, state)
-- units:  business_date last day on which it held
SELECT
    customer_id,
    last_date AS business_date,
    kind,
    campaign
FROM coupons_coupon
WHERE customer_id IS NOT NULL AND state = 'expired'
