-- name:   insight.score_facts
-- grain:  one row per scored person
-- reads:  insight_score(customer_id, orders, order_days, spend_minor, first_order_date, last_order_date, r, f, m,
--         rhythm_days, stage)
-- units:  as in insight.rfm and insight.rhythm; rfm the three grades as digits
SELECT
    customer_id,
    orders,
    order_days,
    spend_minor,
    first_order_date,
    last_order_date,
    r,
    f,
    m,
    100 * r + 10 * f + m AS rfm,
    rhythm_days,
    stage
FROM insight_score
