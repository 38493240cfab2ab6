-- name:   insight.buyer
-- grain:  one row per customer with a sale before $as_of
-- uses:   insight.bought_in_all AS bought
-- reads:  orders_order(order_id, customer_id, status, business_date, currency, refunded_minor)
--         orders_refund(order_id, customer_id, business_date, currency, amount_minor)
-- params: as_of DATE (exclusive), currency VARCHAR (spend is counted in it)
-- units:  orders COUNT, order_days COUNT, spend_minor minor currency unit net of what was given back before $as_of, recency_days DAY
WITH returned AS (
    SELECT customer_id, sum(amount_minor) AS returned_minor
    FROM orders_refund
    WHERE order_id IS NULL AND customer_id IS NOT NULL AND currency = $currency AND business_date < $as_of
    GROUP BY customer_id
),
given_back_later AS (
    SELECT order_id, sum(amount_minor) AS later_minor
    FROM orders_refund
    WHERE order_id IS NOT NULL AND business_date >= $as_of
    GROUP BY order_id
),
not_yet_returned AS (
    SELECT
        orders_order.customer_id,
        sum(least(orders_order.refunded_minor, given_back_later.later_minor)) AS later_minor
    FROM given_back_later
    JOIN orders_order ON orders_order.order_id = given_back_later.order_id
    WHERE
        orders_order.status NOT IN (0, 50)
        AND orders_order.customer_id IS NOT NULL
        AND orders_order.business_date < $as_of
        AND orders_order.currency = $currency
    GROUP BY orders_order.customer_id
)
SELECT
    bought.customer_id,
    bought.orders,
    bought.order_days,
    bought.first_order_date,
    bought.last_order_date,
    date_diff('day', bought.last_order_date, $as_of) - 1 AS recency_days,
    CAST(
        bought.net_minor - coalesce(returned.returned_minor, 0) + coalesce(not_yet_returned.later_minor, 0) AS BIGINT
    ) AS spend_minor
FROM bought
LEFT JOIN returned ON returned.customer_id = bought.customer_id
LEFT JOIN not_yet_returned ON not_yet_returned.customer_id = bought.customer_id
