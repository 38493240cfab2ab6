-- name:   insight.bought_in_all
-- grain:  one row per customer with a sale before $as_of
-- uses:   insight.sale_of_customer
-- reads:  none
-- units:  orders COUNT, order_days COUNT, net_minor minor currency unit of the sales as they are known now
WITH order_day AS (
    SELECT
        sale_of_customer.customer_id,
        sale_of_customer.business_date,
        count(*) AS orders,
        sum(sale_of_customer.net_minor) AS net_minor
    FROM sale_of_customer
    GROUP BY sale_of_customer.customer_id, sale_of_customer.business_date
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
