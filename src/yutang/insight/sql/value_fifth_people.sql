-- name:   insight.value_fifth_people
-- grain:  one row per customer with a value in the asked fifth, the most valuable first
-- reads:  insight_customer_value(customer_id, store_id, value_minor)
--         insight_score(customer_id, orders, stage, last_order_date)
-- params: fifth INTEGER (0 is the most valuable; null: all), in_danger BOOLEAN (only who stands at risk or asleep), stores BIGINT[]
--         (null: all, and who belongs to no store), after_place BIGINT (0: from the top), most INTEGER
-- units:  place COUNT from the top, value_minor minor currency unit of the coming 365 days, orders COUNT so far, last_order_date DATE;
--         customers and all_minor over all rows
WITH ranked AS (
    SELECT
        customer_id,
        value_minor,
        row_number() OVER (ORDER BY value_minor DESC, customer_id) AS place,
        count(*) OVER () AS everybody
    FROM insight_customer_value
    WHERE CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id)
),
chosen AS (
    SELECT
        ranked.place,
        ranked.customer_id,
        ranked.value_minor,
        score.orders,
        score.last_order_date,
        CAST(count(*) OVER () AS BIGINT) AS customers,
        CAST(sum(ranked.value_minor) OVER () AS BIGINT) AS all_minor
    FROM ranked
    LEFT JOIN insight_score AS score ON score.customer_id = ranked.customer_id
    WHERE
        (CAST($fifth AS INTEGER) IS NULL OR (ranked.place - 1) * 5 // ranked.everybody = CAST($fifth AS INTEGER))
        AND (NOT $in_danger OR score.stage IN ('at_risk', 'asleep'))
)
SELECT place, customer_id, value_minor, orders, last_order_date, customers, all_minor
FROM chosen
WHERE place > $after_place
ORDER BY place
LIMIT $most
