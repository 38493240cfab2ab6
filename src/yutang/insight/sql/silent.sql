-- name:   insight.silent
-- grain:  one row per valuable customer who is silent against the own rhythm, most at stake first a store
-- reads:  insight_score(customer_id, store_id, orders, order_days, spend_minor, last_order_date, m, rhythm_days, stage)
--         customers_customer(customer_id, owner_id)
-- inputs: proposed(customer_id, last_order_date)
-- params: as_of DATE (exclusive), per_store INTEGER
-- units:  spend_minor minor currency unit net of refunds, orders COUNT, order_days COUNT, silent_days DAY, rhythm_days DAY,
--         stake_minor minor currency unit a year: value of an order x 365 / days of silence
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
        score.stage,
        date_diff('day', score.last_order_date, $as_of) - 1 AS silent_days
    FROM insight_score AS score
    JOIN customers_customer AS customer ON customer.customer_id = score.customer_id
    WHERE
        score.stage IN ('at_risk', 'asleep')
        AND score.m >= 4
        AND score.order_days >= 2
        AND score.spend_minor > 0
        AND score.last_order_date < $as_of
),
weighed AS (
    SELECT silent.*, silent.spend_minor * 365 // (silent.orders * greatest(silent.silent_days, 1)) AS stake_minor
    FROM silent
    LEFT JOIN proposed
        ON proposed.customer_id = silent.customer_id AND proposed.last_order_date = silent.last_order_date
    WHERE proposed.customer_id IS NULL
)
SELECT
    customer_id,
    store_id,
    owner_id,
    orders,
    order_days,
    spend_minor,
    last_order_date,
    rhythm_days,
    stage,
    silent_days,
    stake_minor
FROM weighed
QUALIFY row_number() OVER (PARTITION BY store_id ORDER BY stake_minor DESC, customer_id) <= $per_store
ORDER BY stake_minor DESC, customer_id
