-- name:   coupons.redeemed_facts
-- grain:  one row per coupon that a known person redeemed
-- reads:  coupons_coupon(customer_id, redeemed_date, kind, campaign, store_id, currency, off_minor, state)
-- units:  business_date day of the redemption, off_minor minor currency unit
SELECT
    customer_id,
    redeemed_date AS business_date,
    kind,
    campaign,
    store_id,
    currency,
    off_minor
FROM coupons_coupon
WHERE customer_id IS NOT NULL AND state = 'redeemed'
