-- name:   channels.consent_entries
-- grain:  one row per entry of the consent ledger of a person of the audience, oldest first
-- reads:  customers_consent(consent_id, customer_id, purpose, channel, granted, occurred_at)
-- inputs: audience(customer_id)
-- units:  occurred_at instant (UTC), granted 1 yes, 0 no
SELECT entry.customer_id, entry.occurred_at, entry.purpose, entry.channel, entry.granted
FROM customers_consent AS entry
INNER JOIN audience ON audience.customer_id = entry.customer_id
ORDER BY entry.customer_id, entry.occurred_at, entry.consent_id
