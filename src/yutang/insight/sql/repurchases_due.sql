-- name:   insight.repurchases_due
-- grain:  one row per active customer with a habit (three order days or more) whose usual pause is over, or nearly
-- reads:  insight_score(customer_id, store_id, orders, order_days, spend_minor, last_order_date, rhythm_days, stage)
--         insight_customer_value(customer_id, order_minor, next_to_date)
--         customers_customer(customer_id, owner_id)
-- params: as_of DATE (exclusive), early_days INTEGER (before the pause is over), late_days INTEGER (after it; within, it is fresh)
-- units:  silent_days DAY, rhythm_days DAY, order_days COUNT, stake_minor minor currency unit: an order that is due
SELECT
    score.customer_id,
    score.store_id,
    customer.owner_id,
    CAST(score.last_order_date AS VARCHAR) AS token,
    date_diff('day', score.last_order_date, $as_of) - score.rhythm_days BETWEEN -$early_days AND $late_days AS is_fresh,
    coalesce(worth.order_minor, score.spend_minor // score.orders) AS stake_minor,
    score.order_days,
    score.rhythm_days,
    date_diff('day', score.last_order_date, $as_of) - 1 AS silent_days,
    worth.next_to_date
FROM insight_score AS score
JOIN customers_customer AS customer ON customer.customer_id = score.customer_id
LEFT JOIN insight_customer_value AS worth ON worth.customer_id = score.customer_id
WHERE
    score.stage IN ('new', 'growing', 'loyal')
    AND score.order_days >= 3
    AND score.rhythm_days >= 7
    AND score.spend_minor > 0
    AND score.last_order_date < $as_of
    AND date_diff('day', score.last_order_date, $as_of) - score.rhythm_days >= -$early_days
ORDER BY score.customer_id
