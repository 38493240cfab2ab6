-- name:   api.behaviour_facts
-- grain:  one row per event of another system by a known person
-- reads:  api_behaviour(customer_id, business_date, kind, source, store_id, product_code)
-- units:  kind and source as the other system calls them
SELECT
    customer_id,
    business_date,
    kind,
    source,
    store_id,
    product_code
FROM api_behaviour
WHERE customer_id IS NOT NULL AND business_date IS NOT NULL
