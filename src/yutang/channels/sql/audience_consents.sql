-- name:   channels.audience_consents
-- grain:  one row per person of the audience who said yes or no to a purpose, of one channel or of any: the latest word
-- reads:  customers_consent(consent_id, customer_id, purpose, channel, granted, occurred_at)
-- inputs: audience(customer_id)
--         fresh_consent(consent_id, customer_id, purpose, channel, granted, occurred_at)
-- params: purpose VARCHAR, channel VARCHAR
-- units:  granted 1 yes, 0 no
WITH said AS (
    SELECT customer_id, consent_id, granted, occurred_at
    FROM customers_consent
    WHERE purpose = $purpose AND channel IN ($channel, 'any')
    UNION ALL
    SELECT customer_id, consent_id, granted, occurred_at
    FROM fresh_consent
    WHERE purpose = $purpose AND channel IN ($channel, 'any')
),
latest AS (
    SELECT
        said.customer_id,
        said.granted,
        row_number() OVER (
            PARTITION BY said.customer_id ORDER BY said.occurred_at DESC, said.consent_id DESC
        ) AS place
    FROM said
    INNER JOIN audience ON audience.customer_id = said.customer_id
)
SELECT customer_id, granted
FROM latest
WHERE place = 1
ORDER BY customer_id
