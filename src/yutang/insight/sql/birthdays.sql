-- name:   insight.birthdays
-- grain:  one row per buyer among those whose birthday is near
-- reads:  insight_score(customer_id, store_id, spend_minor, first_order_date, stage)
--         insight_customer_value(customer_id, value_minor)
--         customers_customer(customer_id, owner_id)
-- inputs: born(customer_id, birthday)
-- params: as_of DATE (exclusive)
-- units:  birthday the day of this year, stake_minor minor currency unit a year: the value, or what was spent a year so far,
--         customer_days DAY since the first order
SELECT
    score.customer_id,
    score.store_id,
    customer.owner_id,
    CAST(year(born.birthday) AS VARCHAR) AS token,
    TRUE AS is_fresh,
    coalesce(
        worth.value_minor,
        score.spend_minor * 365 // greatest(date_diff('day', score.first_order_date, $as_of), 365)
    ) AS stake_minor,
    born.birthday,
    date_diff('day', score.first_order_date, $as_of) AS customer_days,
    score.spend_minor
FROM born
JOIN insight_score AS score ON score.customer_id = born.customer_id
JOIN customers_customer AS customer ON customer.customer_id = score.customer_id
LEFT JOIN insight_customer_value AS worth ON worth.customer_id = score.customer_id
WHERE score.stage NOT IN ('prospect', 'lost') AND score.spend_minor > 0
ORDER BY score.customer_id
