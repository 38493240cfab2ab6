-- name:   insight.stage_flow
-- grain:  one row per pair of stages that a customer went from and to; from_stage is empty for who was not known before
-- reads:  none
-- inputs: scored(customer_id, stage)
--         scored_before(customer_id, stage)
-- units:  customers COUNT
SELECT coalesce(scored_before.stage, '') AS from_stage, scored.stage AS to_stage, count(*) AS customers
FROM scored
LEFT JOIN scored_before ON scored_before.customer_id = scored.customer_id
GROUP BY coalesce(scored_before.stage, ''), scored.stage
ORDER BY from_stage, to_stage
