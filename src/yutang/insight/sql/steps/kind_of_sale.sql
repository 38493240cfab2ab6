-- name:   insight.kind_of_sale
-- grain:  one row per sale of one of the two periods, with its group and kind: counted (in a store on a day with footfall), new and
--         returning (known buyers), anonymous
-- uses:   insight.grouped_sale, insight.first_sale, insight.footfall, insight.counted_store
-- reads:  none
-- params: grouping VARCHAR (all, store, region, channel or staff), before_start DATE, now_start DATE
-- units:  net_minor minor currency unit net of refunds
WITH marked AS (
    SELECT
        grouped_sale.period,
        grouped_sale.group_key,
        grouped_sale.order_id,
        grouped_sale.customer_id,
        grouped_sale.net_minor,
        grouped_sale.is_in_store AND counted_store.store_id IS NOT NULL AND footfall.store_id IS NOT NULL AS is_counted,
        first_sale.first_date >= CASE grouped_sale.period WHEN 'now' THEN $now_start ELSE $before_start END AS is_new
    FROM grouped_sale
    LEFT JOIN first_sale ON first_sale.customer_id = grouped_sale.customer_id
    LEFT JOIN counted_store ON counted_store.store_id = grouped_sale.store_id
    LEFT JOIN footfall
        ON footfall.store_id = grouped_sale.store_id AND footfall.business_date = grouped_sale.business_date
)
SELECT
    marked.period,
    CASE WHEN marked.is_counted AND $grouping = 'channel' THEN 'own/' ELSE marked.group_key END AS group_key,
    marked.order_id,
    marked.customer_id,
    marked.net_minor,
    CASE
        WHEN marked.is_counted THEN 'counted'
        WHEN marked.customer_id IS NULL THEN 'anonymous'
        WHEN marked.is_new THEN 'new'
        ELSE 'returning'
    END AS kind
FROM marked
