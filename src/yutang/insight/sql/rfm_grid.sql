-- name:   insight.rfm_grid
-- grain:  one row per group and cell of recency and frequency with a customer within reach
-- reads:  customers_customer(customer_id, store_id)
-- inputs: scored(customer_id, group_key, recency_days, orders, spend_minor, r, f)
-- params: stores BIGINT[] (only customers of these; null: all, and who belongs to no store)
-- units:  customers COUNT, orders COUNT, spend_minor minor currency unit, least_* and most_* of the cell's customers in DAY and COUNT
SELECT
    scored.group_key,
    scored.r,
    scored.f,
    count(*) AS customers,
    CAST(sum(scored.orders) AS BIGINT) AS orders,
    CAST(sum(scored.spend_minor) AS BIGINT) AS spend_minor,
    min(scored.recency_days) AS least_days,
    max(scored.recency_days) AS most_days,
    min(scored.orders) AS least_orders,
    max(scored.orders) AS most_orders
FROM scored
JOIN customers_customer ON customers_customer.customer_id = scored.customer_id
WHERE CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), customers_customer.store_id)
GROUP BY scored.group_key, scored.r, scored.f
ORDER BY scored.group_key, scored.r, scored.f
