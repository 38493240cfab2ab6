-- name:   insight.period_groups
-- grain:  one row per period (before, now), group and kind of sale: counted (in a store on a day with footfall), new and returning
--         (known buyers), anonymous, returned (refunds that name no order)
-- uses:   insight.kind_of_sale AS kind, insight.footfall, insight.counted_store, insight.period_refund
-- reads:  foundation_store(store_id, region_id)
-- params: grouping VARCHAR (all, store, region, channel or staff)
-- units:  buyers COUNT of known customers, orders COUNT, sales_minor minor currency unit net of refunds, passers_by COUNT (null where
--         a day lacks it), entries COUNT; the last two of counted only
WITH sold AS (
    SELECT
        kind.period,
        kind.group_key,
        kind.kind,
        count(DISTINCT kind.customer_id) AS buyers,
        count(*) AS orders,
        CAST(sum(kind.net_minor) AS BIGINT) AS sales_minor
    FROM kind
    GROUP BY kind.period, kind.group_key, kind.kind
),
entered AS (
    SELECT
        footfall.period,
        CASE $grouping
            WHEN 'store' THEN CAST(footfall.store_id AS VARCHAR)
            WHEN 'region' THEN CAST(foundation_store.region_id AS VARCHAR)
            WHEN 'channel' THEN 'own/'
        END AS group_key,
        CASE WHEN count(footfall.passers_by) = count(*) THEN CAST(sum(footfall.passers_by) AS BIGINT) END AS passers_by,
        CAST(sum(footfall.entries) AS BIGINT) AS entries
    FROM footfall
    JOIN counted_store ON counted_store.store_id = footfall.store_id
    LEFT JOIN foundation_store ON foundation_store.store_id = footfall.store_id
    GROUP BY ALL
)
SELECT
    sold.period,
    sold.group_key,
    sold.kind,
    sold.buyers,
    sold.orders,
    sold.sales_minor,
    entered.passers_by,
    entered.entries
FROM sold
LEFT JOIN entered
    ON
        sold.kind = 'counted'
        AND entered.period = sold.period
        AND entered.group_key IS NOT DISTINCT FROM sold.group_key
UNION ALL
SELECT
    period_refund.period,
    CAST(NULL AS VARCHAR) AS group_key,
    'returned' AS kind,
    0 AS buyers,
    0 AS orders,
    -CAST(sum(period_refund.amount_minor) AS BIGINT) AS sales_minor,
    CAST(NULL AS BIGINT) AS passers_by,
    CAST(NULL AS BIGINT) AS entries
FROM period_refund
GROUP BY period_refund.period
ORDER BY period, group_key, kind
