-- name:   segments.compared_tags
-- grain:  one row per side and tag that somebody of it carries
-- reads:  customers_tag(customer_id, tag_id)
-- inputs: member(side, customer_id)
-- units:  people COUNT
SELECT member.side, customers_tag.tag_id, count(DISTINCT member.customer_id) AS people
FROM member
JOIN customers_tag ON customers_tag.customer_id = member.customer_id
GROUP BY member.side, customers_tag.tag_id
