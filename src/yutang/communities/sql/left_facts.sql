-- name:   communities.left_facts
-- grain:  one row per person and time that they left a group
-- reads:  communities_member(customer_id, left_at)
-- units:  business_date day (UTC) on which they went
SELECT
    customer_id,
    CAST(left_at AS DATE) AS business_date
FROM communities_member
WHERE left_at IS NOT NULL
