-- name:   segments.compared_facts
-- grain:  one row per side and stage (null: not scored yet) with people in it
-- reads:  insight_score(customer_id, stage, orders, spend_minor)
--         insight_customer_value(customer_id, value_minor)
-- inputs: member(side, customer_id)
-- units:  people, buyers (with an order), orders and valued COUNT; spend_minor net of refunds and value_minor of the next 12 months
--         minor currency unit
SELECT
    member.side,
    score.stage,
    count(*) AS people,
    count(*) FILTER (WHERE score.orders > 0) AS buyers,
    CAST(coalesce(sum(score.orders), 0) AS BIGINT) AS orders,
    CAST(coalesce(sum(score.spend_minor), 0) AS BIGINT) AS spend_minor,
    count(valued.customer_id) AS valued,
    CAST(coalesce(sum(valued.value_minor), 0) AS BIGINT) AS value_minor
FROM member
LEFT JOIN insight_score AS score ON score.customer_id = member.customer_id
LEFT JOIN insight_customer_value AS valued ON valued.customer_id = member.customer_id
GROUP BY member.side, score.stage
