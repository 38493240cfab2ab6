-- name:   insight.score_changes
-- grain:  one row per customer whose score differs from the one that is kept; gone: kept but no longer a customer
-- reads:  insight_score(customer_id, store_id, orders, order_days, spend_minor, first_order_date, last_order_date, r, f, m,
--         rhythm_days, stage)
-- inputs: scored(customer_id, store_id, orders, order_days, spend_minor, first_order_date, last_order_date, r, f, m,
--         rhythm_days, stage)
-- units:  as in insight.rfm and insight.rhythm
SELECT
    coalesce(scored.customer_id, kept.customer_id) AS customer_id,
    scored.store_id,
    scored.orders,
    scored.order_days,
    scored.spend_minor,
    scored.first_order_date,
    scored.last_order_date,
    scored.r,
    scored.f,
    scored.m,
    scored.rhythm_days,
    scored.stage,
    scored.customer_id IS NULL AS gone
FROM scored
FULL JOIN insight_score AS kept ON kept.customer_id = scored.customer_id
WHERE
    scored.customer_id IS NULL
    OR kept.customer_id IS NULL
    OR kept.store_id IS DISTINCT FROM scored.store_id
    OR kept.orders <> scored.orders
    OR kept.order_days <> scored.order_days
    OR kept.spend_minor <> scored.spend_minor
    OR kept.first_order_date IS DISTINCT FROM scored.first_order_date
    OR kept.last_order_date IS DISTINCT FROM scored.last_order_date
    OR kept.r IS DISTINCT FROM scored.r
    OR kept.f IS DISTINCT FROM scored.f
    OR kept.m IS DISTINCT FROM scored.m
    OR kept.rhythm_days IS DISTINCT FROM scored.rhythm_days
    OR kept.stage <> scored.stage
ORDER BY customer_id
