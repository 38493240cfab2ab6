-- name:   insight.rfm_customers
-- grain:  one row per customer within reach in the asked cells, who spent most first
-- reads:  customers_customer(customer_id, store_id)
-- inputs: scored(customer_id, group_key, recency_days, orders, spend_minor, last_order_date, r, f, m)
-- params: rs INTEGER[] (grades of recency), fs INTEGER[] (grades of frequency), stores BIGINT[] (only customers of these; null: all),
--         group_key VARCHAR (only who is graded in this group; null: all), after_minor BIGINT (null: from the top), after_id BIGINT,
--         most INTEGER
-- units:  spend_minor minor currency unit, orders COUNT, recency_days DAY; customers COUNT and all_minor over all rows, not only these
WITH chosen AS (
    SELECT
        scored.customer_id,
        scored.group_key,
        scored.recency_days,
        scored.orders,
        scored.spend_minor,
        scored.last_order_date,
        scored.r,
        scored.f,
        scored.m,
        CAST(count(*) OVER () AS BIGINT) AS customers,
        CAST(sum(scored.spend_minor) OVER () AS BIGINT) AS all_minor
    FROM scored
    JOIN customers_customer ON customers_customer.customer_id = scored.customer_id
    WHERE
        list_contains($rs, scored.r)
        AND list_contains($fs, scored.f)
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), customers_customer.store_id))
        AND (CAST($group_key AS VARCHAR) IS NULL OR scored.group_key = CAST($group_key AS VARCHAR))
)
SELECT
    chosen.customer_id,
    chosen.group_key,
    chosen.recency_days,
    chosen.orders,
    chosen.spend_minor,
    chosen.last_order_date,
    chosen.r,
    chosen.f,
    chosen.m,
    chosen.customers,
    chosen.all_minor
FROM chosen
WHERE
    CAST($after_minor AS BIGINT) IS NULL
    OR chosen.spend_minor < $after_minor
    OR (chosen.spend_minor = $after_minor AND chosen.customer_id < $after_id)
ORDER BY chosen.spend_minor DESC, chosen.customer_id DESC
LIMIT $most
