-- name:   customers.tag_facts
-- grain:  one row per person and tag that the person carries
-- reads:  customers_tag(customer_id, tag_id)
-- units:  ids
SELECT customer_id, tag_id
FROM customers_tag
