-- name:   codes.orders
-- grain:  one row per channel code whose newcomers ordered on the day on which they came or later
-- reads:  codes_newcomer(code_id, customer_id, store_id, currency, added_date)
--         orders_order(customer_id, status, business_date, currency, total_minor, refunded_minor)
-- params: end_date DATE (exclusive: orders of later days do not count), stores BIGINT[] (null: all, and what belongs to no store)
-- units:  orders COUNT, buyers COUNT of people, sales_minor minor unit of the code's currency, net of refunds; who came by two codes
--         counts with both
WITH newcomer AS (
    SELECT
        code_id,
        customer_id,
        currency,
        added_date
    FROM codes_newcomer
    WHERE
        customer_id IS NOT NULL
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id))
),
by_person AS (
    SELECT
        newcomer.code_id,
        newcomer.customer_id,
        count(*) AS orders,
        sum(orders_order.total_minor - orders_order.refunded_minor) AS sales_minor
    FROM newcomer
    INNER JOIN orders_order ON orders_order.customer_id = newcomer.customer_id AND orders_order.currency = newcomer.currency
    WHERE
        orders_order.status NOT IN (0, 50)
        AND orders_order.business_date >= newcomer.added_date
        AND orders_order.business_date < $end_date
    GROUP BY newcomer.code_id, newcomer.customer_id
)
SELECT
    code_id,
    CAST(sum(orders) AS BIGINT) AS orders,
    count(*) AS buyers,
    CAST(sum(sales_minor) AS BIGINT) AS sales_minor
FROM by_person
GROUP BY code_id
ORDER BY code_id
