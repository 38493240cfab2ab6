-- name:   insight.largest_cohort
-- grain:  one row per group of customers by their first order, the largest first
-- reads:  none
-- inputs: member(customer_id, group_key)
-- params: most INTEGER (groups)
-- units:  customers COUNT
SELECT member.group_key, count(member.customer_id) AS customers
FROM member
GROUP BY member.group_key
ORDER BY customers DESC, member.group_key
LIMIT $most
