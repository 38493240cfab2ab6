-- name:   insight.value_movers
-- grain:  one row per customer whose value rose or fell the most in 30 days
-- reads:  insight_customer_value(customer_id, store_id, p_alive, value_minor, before_minor)
-- params: per_side INTEGER (how many that rose, how many that fell), stores BIGINT[] (null: all, and who belongs to no store)
-- units:  value_minor before_minor change_minor minor currency unit of 365 days, p_alive 0-1
WITH moved AS (
    SELECT customer_id, p_alive, value_minor, before_minor, value_minor - before_minor AS change_minor
    FROM insight_customer_value
    WHERE
        before_minor IS NOT NULL
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id))
),
ranked AS (
    SELECT
        customer_id,
        p_alive,
        value_minor,
        before_minor,
        change_minor,
        row_number() OVER (ORDER BY change_minor DESC, customer_id) AS from_top,
        row_number() OVER (ORDER BY change_minor, customer_id) AS from_bottom
    FROM moved
)
SELECT customer_id, p_alive, value_minor, before_minor, change_minor
FROM ranked
WHERE (from_top <= $per_side AND change_minor > 0) OR (from_bottom <= $per_side AND change_minor < 0)
ORDER BY change_minor DESC, customer_id
