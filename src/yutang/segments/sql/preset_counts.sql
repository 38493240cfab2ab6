-- name:   segments.preset_counts
-- grain:  one row per stage and RFM cell with people in it
-- reads:  customers_customer(customer_id, store_id)
--         insight_score(customer_id, stage, r, f)
-- params: stores BIGINT[] (null: everybody, also people of no store)
-- units:  people COUNT
SELECT score.stage, score.r, score.f, count(*) AS people
FROM customers_customer AS person
JOIN insight_score AS score ON score.customer_id = person.customer_id
WHERE CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), person.store_id)
GROUP BY score.stage, score.r, score.f
