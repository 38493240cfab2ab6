-- name:   communities.member_facts
-- grain:  one row per person who is in a group of customers
-- reads:  communities_member(customer_id, community_id, life, left_at)
-- units:  groups and alive_groups COUNT of groups in which the person is now
SELECT
    customer_id,
    count(DISTINCT community_id) AS groups,
    count(DISTINCT CASE WHEN life = 'alive' THEN community_id END) AS alive_groups
FROM communities_member
WHERE left_at IS NULL
GROUP BY customer_id
