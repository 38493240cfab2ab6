-- name:   insight.unhappy
-- grain:  one row per customer with refunds of two orders or more on days in [$refunds_since, $as_of)
-- reads:  orders_refund(refund_id, order_id, customer_id, amount_minor, currency, business_date)
--         insight_score(customer_id, store_id, spend_minor, first_order_date)
--         insight_customer_value(customer_id, value_minor)
--         customers_customer(customer_id, owner_id)
-- params: refunds_since DATE, fresh_since DATE (the last refund is fresh from this day on), as_of DATE (exclusive), currency VARCHAR
-- units:  times COUNT of orders with a refund, amount_minor minor currency unit, stake_minor minor currency unit a year: the value, or what
--         was spent a year so far
WITH refund AS (
    SELECT
        orders_refund.customer_id,
        count(DISTINCT coalesce(orders_refund.order_id, -orders_refund.refund_id)) AS times,
        CAST(sum(orders_refund.amount_minor) AS BIGINT) AS amount_minor,
        max(orders_refund.business_date) AS last_date
    FROM orders_refund
    WHERE
        orders_refund.customer_id IS NOT NULL
        AND orders_refund.business_date >= $refunds_since
        AND orders_refund.business_date < $as_of
        AND orders_refund.currency = $currency
        AND orders_refund.amount_minor > 0
    GROUP BY orders_refund.customer_id
    HAVING count(DISTINCT coalesce(orders_refund.order_id, -orders_refund.refund_id)) >= 2
)
SELECT
    refund.customer_id,
    score.store_id,
    customer.owner_id,
    CAST(refund.last_date AS VARCHAR) AS token,
    refund.last_date >= $fresh_since AS is_fresh,
    coalesce(
        worth.value_minor,
        greatest(score.spend_minor, 0) * 365 // greatest(date_diff('day', score.first_order_date, $as_of), 365),
        0
    ) AS stake_minor,
    refund.times,
    refund.amount_minor,
    refund.last_date
FROM refund
JOIN customers_customer AS customer ON customer.customer_id = refund.customer_id
JOIN insight_score AS score ON score.customer_id = refund.customer_id
LEFT JOIN insight_customer_value AS worth ON worth.customer_id = refund.customer_id
ORDER BY refund.customer_id
