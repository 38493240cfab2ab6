-- name:   visits.missed_facts
-- grain:  one row per visit that a known person had booked and did not come for
-- reads:  visits_booking(customer_id, business_date, store_id, source, state)
-- units:  business_date day for which it was booked
SELECT
    customer_id,
    business_date,
    store_id,
    source
FROM visits_booking
WHERE customer_id IS NOT NULL AND state = 'missed'
