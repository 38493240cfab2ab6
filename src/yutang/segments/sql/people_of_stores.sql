-- name:   segments.people_of_stores
-- grain:  one row per person of the stores
-- reads:  customers_customer(customer_id, store_id)
-- params: stores BIGINT[]
-- units:  ids
SELECT customer_id
FROM customers_customer
WHERE list_contains(CAST($stores AS BIGINT[]), store_id)
