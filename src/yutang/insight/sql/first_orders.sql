-- name:   insight.first_orders
-- grain:  one row per customer whose only order day lies in [$since, $as_of) and who is worth a call, best first a store
-- reads:  insight_score(customer_id, store_id, orders, order_days, spend_minor, first_order_date)
--         customers_customer(customer_id, owner_id)
-- inputs: proposed(customer_id)
-- params: since DATE, as_of DATE (exclusive), per_store INTEGER
-- units:  spend_minor minor currency unit net of refunds, orders COUNT
SELECT
    score.customer_id,
    score.store_id,
    customer.owner_id,
    score.orders,
    score.spend_minor,
    score.first_order_date
FROM insight_score AS score
JOIN customers_customer AS customer ON customer.customer_id = score.customer_id
WHERE
    score.order_days = 1
    AND score.spend_minor > 0
    AND score.first_order_date >= $since
    AND score.first_order_date < $as_of
    AND score.customer_id NOT IN (SELECT customer_id FROM proposed)
QUALIFY
    row_number() OVER (PARTITION BY score.store_id ORDER BY score.spend_minor DESC, score.customer_id) <= $per_store
ORDER BY score.spend_minor DESC, score.customer_id
