-- name:   insight.funnel_behind
-- grain:  one row per customer within reach of those who took a step of a funnel, the newest customer first
-- reads:  customers_customer(customer_id, store_id)
-- inputs: walker(customer_id, steps)
-- params: reach BIGINT[] (customers of these stores; null: all), after_id BIGINT (null: from the top), most INTEGER
-- units:  steps COUNT that the customer took; customers COUNT over all rows
WITH reached AS (
    SELECT walker.customer_id, walker.steps, CAST(count(*) OVER () AS BIGINT) AS customers
    FROM walker
    JOIN customers_customer ON customers_customer.customer_id = walker.customer_id
    WHERE CAST($reach AS BIGINT[]) IS NULL OR list_contains(CAST($reach AS BIGINT[]), customers_customer.store_id)
)
SELECT reached.customer_id, reached.steps, reached.customers
FROM reached
WHERE CAST($after_id AS BIGINT) IS NULL OR reached.customer_id < $after_id
ORDER BY reached.customer_id DESC
LIMIT $most
