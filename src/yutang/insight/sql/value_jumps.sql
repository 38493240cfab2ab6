-- name:   insight.value_jumps
-- grain:  one row per customer whose value rose by half and by two orders or more within 30 days
-- reads:  insight_score(customer_id, store_id, order_days, last_order_date, m)
--         insight_customer_value(customer_id, value_minor, before_minor, order_minor)
--         customers_customer(customer_id, owner_id)
-- params: as_of DATE (exclusive)
-- units:  value_minor and before_minor minor currency unit over 12 months, now and 30 days ago by the same models, order_days COUNT,
--         stake_minor the difference
SELECT
    score.customer_id,
    score.store_id,
    customer.owner_id,
    CAST(score.last_order_date AS VARCHAR) AS token,
    score.m >= 4 AS is_fresh,
    worth.value_minor - worth.before_minor AS stake_minor,
    worth.value_minor,
    worth.before_minor,
    score.order_days
FROM insight_customer_value AS worth
JOIN insight_score AS score ON score.customer_id = worth.customer_id
JOIN customers_customer AS customer ON customer.customer_id = worth.customer_id
WHERE
    worth.before_minor > 0
    AND 2 * worth.value_minor >= 3 * worth.before_minor
    AND worth.value_minor - worth.before_minor >= 2 * worth.order_minor
    AND score.order_days >= 2
    AND date_diff('day', score.last_order_date, $as_of) <= 30
ORDER BY score.customer_id
