-- name:   customers.consent_facts
-- grain:  one row per person, purpose and channel to which the person agrees now; what was said of any channel counts
--         for each of them, and the latest word counts
-- reads:  customers_consent(consent_id, customer_id, purpose, channel, granted, occurred_at)
-- units:  consent purpose/channel
WITH way AS (
    SELECT 'phone' AS channel
    UNION ALL
    SELECT 'sms' AS channel
    UNION ALL
    SELECT 'wecom' AS channel
    UNION ALL
    SELECT 'email' AS channel
),
said AS (
    SELECT customer_id, consent_id, purpose, channel, granted, occurred_at
    FROM customers_consent
    UNION ALL
    SELECT entry.customer_id, entry.consent_id, entry.purpose, way.channel, entry.granted, entry.occurred_at
    FROM customers_consent AS entry
    CROSS JOIN way
    WHERE entry.channel = 'any'
),
latest AS (
    SELECT
        customer_id,
        purpose,
        channel,
        granted,
        row_number() OVER (
            PARTITION BY customer_id, purpose, channel ORDER BY occurred_at DESC, consent_id DESC
        ) AS place
    FROM said
)
SELECT customer_id, concat(purpose, '/', channel) AS consent
FROM latest
WHERE place = 1 AND granted = 1
