-- name:   insight.refusals_of_promotion
-- grain:  one row per person whose last word about promotion is a no, on any channel
-- reads:  customers_consent(consent_id, customer_id, purpose, channel, granted, occurred_at)
-- units:  none
WITH latest AS (
    SELECT customers_consent.customer_id, customers_consent.granted
    FROM customers_consent
    WHERE customers_consent.purpose = 'promotion'
    QUALIFY
        row_number() OVER (
            PARTITION BY customers_consent.customer_id, customers_consent.channel
            ORDER BY customers_consent.occurred_at DESC, customers_consent.consent_id DESC
        ) = 1
)
SELECT DISTINCT latest.customer_id FROM latest WHERE latest.granted = 0 ORDER BY latest.customer_id
