-- name:   insight.value_fifths
-- grain:  one row per fifth of the customers with a value, the most valuable first
-- reads:  insight_customer_value(customer_id, store_id, p_alive, orders_365, order_minor, value_minor)
--         insight_score(customer_id, order_days, stage)
-- params: stores BIGINT[] (null: all, and who belongs to no store)
-- units:  customers COUNT, value_minor lowest_minor minor currency unit of the coming 365 days, orders COUNT expected in them a
--         customer, order_minor minor currency unit mean of expected order worths, p_alive 0-1 mean, order_days COUNT of days with
--         a sale so far a customer, in_danger COUNT at risk or asleep
WITH ranked AS (
    SELECT
        customer_id,
        p_alive,
        orders_365,
        order_minor,
        value_minor,
        row_number() OVER (ORDER BY value_minor DESC, customer_id) AS place,
        count(*) OVER () AS everybody
    FROM insight_customer_value
    WHERE CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id)
)
SELECT
    CAST((ranked.place - 1) * 5 // ranked.everybody AS INTEGER) AS fifth,
    count(*) AS customers,
    CAST(sum(ranked.value_minor) AS BIGINT) AS value_minor,
    min(ranked.value_minor) AS lowest_minor,
    avg(ranked.orders_365) AS orders,
    avg(ranked.order_minor) AS order_minor,
    avg(ranked.p_alive) AS p_alive,
    avg(coalesce(score.order_days, 0)) AS order_days,
    count(*) FILTER (WHERE score.stage IN ('at_risk', 'asleep')) AS in_danger
FROM ranked
LEFT JOIN insight_score AS score ON score.customer_id = ranked.customer_id
GROUP BY CAST((ranked.place - 1) * 5 // ranked.everybody AS INTEGER)
ORDER BY fifth
