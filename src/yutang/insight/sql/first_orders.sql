-- name:   insight.first_orders
-- grain:  one row per customer whose only order day lies in [$held_since, $as_of)
-- reads:  insight_score(customer_id, store_id, orders, order_days, spend_minor, first_order_date)
--         insight_customer_value(customer_id, value_minor)
--         customers_customer(customer_id, owner_id)
-- params: since DATE (fresh from this day on), held_since DATE, as_of DATE (exclusive), repeat_ratio DOUBLE (buyers who came back),
--         typical_days INTEGER (usual pause)
-- units:  spend_minor minor currency unit net of refunds, orders COUNT, stake_minor minor currency unit a year: the value, or, where there
--         is none, what such a customer brings if coming back like those who do
SELECT
    score.customer_id,
    score.store_id,
    customer.owner_id,
    '' AS token,
    score.first_order_date >= $since AS is_fresh,
    coalesce(
        worth.value_minor,
        CAST(floor(score.spend_minor / score.orders * $repeat_ratio * 365 / $typical_days + 0.5) AS BIGINT)
    ) AS stake_minor,
    score.spend_minor,
    score.first_order_date
FROM insight_score AS score
JOIN customers_customer AS customer ON customer.customer_id = score.customer_id
LEFT JOIN insight_customer_value AS worth ON worth.customer_id = score.customer_id
WHERE
    score.order_days = 1
    AND score.spend_minor > 0
    AND score.first_order_date >= $held_since
    AND score.first_order_date < $as_of
ORDER BY score.customer_id
