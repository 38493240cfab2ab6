-- name:   insight.value_spread
-- grain:  one row per hundredth of the customers with a value, the most valuable first
-- reads:  insight_customer_value(customer_id, store_id, value_minor)
-- params: stores BIGINT[] (null: all, and who belongs to no store)
-- units:  customers COUNT, value_minor highest_minor lowest_minor minor currency unit of the coming 365 days
WITH ranked AS (
    SELECT
        value_minor,
        row_number() OVER (ORDER BY value_minor DESC, customer_id) AS place,
        count(*) OVER () AS everybody
    FROM insight_customer_value
    WHERE CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id)
)
SELECT
    CAST((place - 1) * 100 // everybody AS INTEGER) AS hundredth,
    count(*) AS customers,
    CAST(sum(value_minor) AS BIGINT) AS value_minor,
    max(value_minor) AS highest_minor,
    min(value_minor) AS lowest_minor
FROM ranked
GROUP BY CAST((place - 1) * 100 // everybody AS INTEGER)
ORDER BY hundredth
