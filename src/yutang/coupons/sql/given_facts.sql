-- name:   coupons.given_facts
-- grain:  one row per coupon that was given to a known person and not taken back
-- reads:  coupons_coupon(customer_id, given_date, kind, campaign, state)
-- units:  business_date day of the giving
SELECT
    customer_id,
    given_date AS business_date,
    kind,
    campaign
FROM coupons_coupon
WHERE customer_id IS NOT NULL AND state <> 'taken_back'
