-- name:   insight.traffic_people
-- grain:  one row per known customer within reach behind a number of a platform's traffic, the largest spend first
-- reads:  orders_order(order_id, customer_id, store_id, shop_id, status, business_date, currency, total_minor, refunded_minor)
--         orders_shop(shop_id, platform); customers_customer(customer_id, store_id)
-- params: side VARCHAR (all: who ordered, earlier: whose first sale lies before, newcomers: whose first sale of all is here),
--         platform VARCHAR (null: orders of no platform), start_date DATE, end_date DATE (exclusive), known_end DATE (exclusive),
--         currency VARCHAR, stores BIGINT[] (null: all, and what belongs to no store), reach BIGINT[] (customers of these stores; null:
--         all), after_minor BIGINT (null: from the top), after_id BIGINT, most INTEGER
-- units:  orders COUNT, spend_minor minor currency unit net of refunds, last_date DATE, of the platform in the days; customers,
--         all_orders and all_minor over all rows
WITH sale AS (
    SELECT
        orders_order.order_id,
        orders_order.customer_id,
        orders_order.business_date,
        orders_order.currency,
        orders_shop.platform,
        orders_order.total_minor - orders_order.refunded_minor AS net_minor,
        row_number() OVER (
            PARTITION BY orders_order.customer_id ORDER BY orders_order.business_date, orders_order.order_id
        ) AS place,
        min(orders_order.business_date) OVER (PARTITION BY orders_order.customer_id) AS first_date
    FROM orders_order
    LEFT JOIN orders_shop ON orders_shop.shop_id = orders_order.shop_id
    WHERE
        orders_order.customer_id IS NOT NULL
        AND orders_order.status NOT IN (0, 50)
        AND orders_order.business_date < $known_end
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), orders_order.store_id))
),
behind AS (
    SELECT
        sale.customer_id,
        count(*) AS orders,
        CAST(coalesce(sum(sale.net_minor) FILTER (WHERE sale.currency = $currency), 0) AS BIGINT) AS spend_minor,
        max(sale.business_date) AS last_date,
        min(sale.place) AS first_place
    FROM sale
    WHERE
        sale.platform IS NOT DISTINCT FROM CAST($platform AS VARCHAR)
        AND sale.business_date >= $start_date
        AND sale.business_date < $end_date
        AND ($side = 'newcomers' OR sale.currency = $currency)
        AND ($side != 'earlier' OR sale.first_date < $start_date)
        AND ($side != 'newcomers' OR sale.first_date >= $start_date)
    GROUP BY sale.customer_id
),
reached AS (
    SELECT
        behind.customer_id,
        behind.orders,
        behind.spend_minor,
        behind.last_date,
        CAST(count(*) OVER () AS BIGINT) AS customers,
        CAST(sum(behind.orders) OVER () AS BIGINT) AS all_orders,
        CAST(sum(behind.spend_minor) OVER () AS BIGINT) AS all_minor
    FROM behind
    JOIN customers_customer ON customers_customer.customer_id = behind.customer_id
    WHERE
        ($side != 'newcomers' OR behind.first_place = 1)
        AND (CAST($reach AS BIGINT[]) IS NULL OR list_contains(CAST($reach AS BIGINT[]), customers_customer.store_id))
)
SELECT customer_id, orders, spend_minor, last_date, customers, all_orders, all_minor
FROM reached
WHERE
    CAST($after_minor AS BIGINT) IS NULL
    OR spend_minor < $after_minor
    OR (spend_minor = $after_minor AND customer_id < $after_id)
ORDER BY spend_minor DESC, customer_id DESC
LIMIT $most
