-- name:   insight.value_facts
-- grain:  one row per person with a value
-- reads:  insight_customer_value(customer_id, p_alive, value_minor, next_order_date)
-- units:  value_minor minor currency unit over the next 12 months, alive_percent whole percent (rounded down) that the
--         person still buys here, next_order_date the expected day
SELECT
    customer_id,
    value_minor,
    CAST(floor(100 * p_alive) AS INTEGER) AS alive_percent,
    next_order_date
FROM insight_customer_value
