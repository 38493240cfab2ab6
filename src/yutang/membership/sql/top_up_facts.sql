-- name:   membership.top_up_facts
-- grain:  one row per top-up of a known person
-- reads:  membership_movement(customer_id, business_date, kind, store_id, currency, till_minor)
-- units:  business_date day of the top-up, till_minor minor currency unit
SELECT
    customer_id,
    business_date,
    store_id,
    currency,
    till_minor
FROM membership_movement
WHERE customer_id IS NOT NULL AND kind = 'top_up'
