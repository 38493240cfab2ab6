-- name:   communities.joined_facts
-- grain:  one row per person and time that they came into a group
-- reads:  communities_member(customer_id, joined_at)
-- units:  business_date day (UTC) on which they came
SELECT
    customer_id,
    CAST(joined_at AS DATE) AS business_date
FROM communities_member
