-- name:   insight.rfm
-- grain:  one row per customer with a sale before $as_of
-- reads:  orders_order(customer_id, status, business_date, currency, total_minor, refunded_minor)
--         orders_refund(order_id, customer_id, business_date, currency, amount_minor)
-- params: as_of DATE (exclusive), currency VARCHAR (spend is counted in it)
-- units:  orders COUNT, order_days COUNT, spend_minor minor currency unit net of refunds, recency_days DAY,
--         r f m quintile 1 (lowest) to 5 (highest); equal values get the same, by the middle of their ranks
WITH sale AS (
    SELECT
        customer_id,
        business_date,
        CASE WHEN currency = $currency THEN total_minor - refunded_minor ELSE 0 END AS net_minor
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < $as_of
),
bought AS (
    SELECT
        customer_id,
        count(*) AS orders,
        count(DISTINCT business_date) AS order_days,
        min(business_date) AS first_order_date,
        max(business_date) AS last_order_date,
        sum(net_minor) AS net_minor
    FROM sale
    GROUP BY customer_id
),
returned AS (
    SELECT customer_id, sum(amount_minor) AS returned_minor
    FROM orders_refund
    WHERE order_id IS NULL AND customer_id IS NOT NULL AND currency = $currency AND business_date < $as_of
    GROUP BY customer_id
),
buyer AS (
    SELECT
        bought.customer_id,
        bought.orders,
        bought.order_days,
        bought.first_order_date,
        bought.last_order_date,
        date_diff('day', bought.last_order_date, $as_of) - 1 AS recency_days,
        CAST(bought.net_minor - coalesce(returned.returned_minor, 0) AS BIGINT) AS spend_minor
    FROM bought
    LEFT JOIN returned ON returned.customer_id = bought.customer_id
),
total AS (
    SELECT count(*) AS buyers FROM buyer
),
by_recency AS (
    SELECT recency_days, count(*) AS peers, sum(count(*)) OVER (ORDER BY recency_days DESC) - count(*) AS below
    FROM buyer
    GROUP BY recency_days
),
by_orders AS (
    SELECT orders, count(*) AS peers, sum(count(*)) OVER (ORDER BY orders) - count(*) AS below
    FROM buyer
    GROUP BY orders
),
by_spend AS (
    SELECT spend_minor, count(*) AS peers, sum(count(*)) OVER (ORDER BY spend_minor) - count(*) AS below
    FROM buyer
    GROUP BY spend_minor
)
SELECT
    buyer.customer_id,
    buyer.orders,
    buyer.order_days,
    buyer.spend_minor,
    buyer.first_order_date,
    buyer.last_order_date,
    buyer.recency_days,
    CAST(1 + 5 * (2 * by_recency.below + by_recency.peers) // (2 * total.buyers) AS SMALLINT) AS r,
    CAST(1 + 5 * (2 * by_orders.below + by_orders.peers) // (2 * total.buyers) AS SMALLINT) AS f,
    CAST(1 + 5 * (2 * by_spend.below + by_spend.peers) // (2 * total.buyers) AS SMALLINT) AS m
FROM buyer
JOIN by_recency ON by_recency.recency_days = buyer.recency_days
JOIN by_orders ON by_orders.orders = buyer.orders
JOIN by_spend ON by_spend.spend_minor = buyer.spend_minor
CROSS JOIN total
