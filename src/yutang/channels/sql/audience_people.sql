-- name:   channels.audience_people
-- grain:  one row per person of the audience; empty columns where the figures do not know the person
-- reads:  customers_customer(customer_id, store_id, first_seen_at, phones, wecoms, emails)
-- inputs: audience(customer_id)
-- units:  joined_at instant (UTC); phones, wecoms, emails COUNT of addresses
SELECT
    audience.customer_id,
    customer.store_id,
    customer.first_seen_at AS joined_at,
    customer.phones,
    customer.wecoms,
    customer.emails
FROM audience
LEFT JOIN customers_customer AS customer ON customer.customer_id = audience.customer_id
ORDER BY audience.customer_id
