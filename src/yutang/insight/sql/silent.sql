-- name:   insight.silent
-- grain:  one row per customer who is silent against the own rhythm and was worth something; fresh are the most valuable fifths
-- reads:  insight_score(customer_id, store_id, orders, order_days, spend_minor, last_order_date, m, rhythm_days, stage)
--         insight_customer_value(customer_id, p_alive, value_minor)
--         customers_customer(customer_id, owner_id)
-- params: as_of DATE (exclusive)
-- units:  spend_minor minor currency unit net of refunds, orders COUNT, order_days COUNT, silent_days DAY, rhythm_days DAY,
--         stake_minor minor currency unit a year: what the customer would bring as a customer still, less what is expected now; without a
--         value: value of an order x 365 / days of silence
WITH silent AS (
    SELECT
        score.customer_id,
        score.store_id,
        customer.owner_id,
        score.orders,
        score.order_days,
        score.spend_minor,
        score.last_order_date,
        score.rhythm_days,
        score.m,
        worth.value_minor,
        worth.p_alive,
        date_diff('day', score.last_order_date, $as_of) - 1 AS silent_days
    FROM insight_score AS score
    JOIN customers_customer AS customer ON customer.customer_id = score.customer_id
    LEFT JOIN insight_customer_value AS worth ON worth.customer_id = score.customer_id
    WHERE
        score.stage IN ('at_risk', 'asleep')
        AND score.m >= 3
        AND score.order_days >= 2
        AND score.spend_minor > 0
        AND score.last_order_date < $as_of
)
SELECT
    silent.customer_id,
    silent.store_id,
    silent.owner_id,
    CAST(silent.last_order_date AS VARCHAR) AS token,
    silent.m >= 4 AS is_fresh,
    coalesce(
        -- Below one in twenty the chance to be a customer still is too unsure to divide by.
        CAST(floor(silent.value_minor * (1 - silent.p_alive) / greatest(silent.p_alive, 0.05) + 0.5) AS BIGINT),
        silent.spend_minor * 365 // (silent.orders * greatest(silent.silent_days, 1))
    ) AS stake_minor,
    silent.orders,
    silent.order_days,
    silent.spend_minor,
    silent.rhythm_days,
    silent.silent_days
FROM silent
ORDER BY silent.customer_id
