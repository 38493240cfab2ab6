-- name:   insight.rfm_movement
-- grain:  one row per pair of cells that a customer within reach went from and to; from_r and from_f are 0 for who had not bought before
-- reads:  customers_customer(customer_id, store_id)
-- inputs: scored(customer_id, group_key, r, f)
--         scored_before(customer_id, r, f)
-- params: stores BIGINT[] (only customers of these; null: all, and who belongs to no store), group_key VARCHAR (only who is graded in
--         this group now; null: all)
-- units:  customers COUNT
SELECT
    coalesce(scored_before.r, 0) AS from_r,
    coalesce(scored_before.f, 0) AS from_f,
    scored.r,
    scored.f,
    count(*) AS customers
FROM scored
JOIN customers_customer ON customers_customer.customer_id = scored.customer_id
LEFT JOIN scored_before ON scored_before.customer_id = scored.customer_id
WHERE
    (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), customers_customer.store_id))
    AND (CAST($group_key AS VARCHAR) IS NULL OR scored.group_key = CAST($group_key AS VARCHAR))
GROUP BY coalesce(scored_before.r, 0), coalesce(scored_before.f, 0), scored.r, scored.f
ORDER BY from_r, from_f, scored.r, scored.f
