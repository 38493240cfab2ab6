-- name:   insight.bought_in_all
-- grain:  one row per customer with a sale before $as_of
-- reads:  orders_order(customer_id, status, business_date, currency, total_minor, refunded_minor)
-- params: as_of DATE (exclusive), currency VARCHAR (money is counted in it)
-- units:  orders COUNT, order_days COUNT, net_minor minor currency unit of the sales as they are known now
WITH order_day AS (
    SELECT
        customer_id,
        business_date,
        count(*) AS orders,
        sum(CASE WHEN currency = $currency THEN total_minor - refunded_minor ELSE 0 END) AS net_minor
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < $as_of
    GROUP BY customer_id, business_date
)
SELECT
    customer_id,
    CAST(sum(orders) AS BIGINT) AS orders,
    count(*) AS order_days,
    min(business_date) AS first_order_date,
    max(business_date) AS last_order_date,
    sum(net_minor) AS net_minor
FROM order_day
GROUP BY customer_id
