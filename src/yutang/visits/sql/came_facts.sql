-- name:   visits.came_facts
-- grain:  one row per visit of a known person who was checked in
-- reads:  visits_booking(customer_id, came_date, store_id, source, state)
-- units:  business_date day of the visit
SELECT
    customer_id,
    came_date AS business_date,
    store_id,
    source
FROM visits_booking
WHERE customer_id IS NOT NULL AND state = 'came'
