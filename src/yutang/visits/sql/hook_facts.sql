-- name:   visits.hook_facts
-- grain:  one row per low-price offer that a known person took up and paid
-- reads:  visits_hook(customer_id, hooked_date, source, currency, hook_minor, paid_at, refunded_at)
-- units:  business_date day on which it was taken up, hook_minor minor currency unit
SELECT
    customer_id,
    hooked_date AS business_date,
    source,
    currency,
    hook_minor
FROM visits_hook
WHERE customer_id IS NOT NULL AND paid_at IS NOT NULL AND refunded_at IS NULL
