-- name:   insight.channel_traffic
-- grain:  one row per platform with a sale or a newcomer in [$start_date, $end_date)
-- reads:  orders_order(order_id, customer_id, store_id, shop_id, status, business_date, currency, total_minor, refunded_minor)
--         orders_shop(shop_id, platform)
-- params: start_date DATE, end_date DATE (exclusive), known_end DATE (exclusive: orders are known up to here), kept_days INTEGER,
--         currency VARCHAR, stores BIGINT[] (null: all, and what belongs to no store)
-- units:  *_orders COUNT, *_minor minor currency unit net of refunds; newcomers COUNT of customers whose first sale is here, ripe COUNT of
--         those whose kept_days are over, kept COUNT of ripe ones with another order day within kept_days
WITH sale AS (
    SELECT
        orders_order.order_id,
        orders_order.customer_id,
        orders_order.business_date,
        orders_order.currency,
        orders_shop.platform,
        orders_order.total_minor - orders_order.refunded_minor AS net_minor
    FROM orders_order
    LEFT JOIN orders_shop ON orders_shop.shop_id = orders_order.shop_id
    WHERE
        orders_order.status NOT IN (0, 50)
        AND orders_order.business_date < $known_end
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), orders_order.store_id))
),
first_sale AS (
    SELECT sale.customer_id, min(sale.business_date) AS first_date
    FROM sale
    WHERE sale.customer_id IS NOT NULL
    GROUP BY sale.customer_id
    HAVING min(sale.business_date) >= $start_date AND min(sale.business_date) < $end_date
),
first_order AS (
    SELECT first_sale.customer_id, first_sale.first_date, sale.platform
    FROM first_sale
    JOIN sale ON sale.customer_id = first_sale.customer_id AND sale.business_date = first_sale.first_date
    QUALIFY row_number() OVER (PARTITION BY first_sale.customer_id ORDER BY sale.order_id) = 1
),
second_day AS (
    SELECT first_sale.customer_id, min(sale.business_date) AS second_date
    FROM first_sale
    JOIN sale ON sale.customer_id = first_sale.customer_id AND sale.business_date > first_sale.first_date
    GROUP BY first_sale.customer_id
),
newcomer AS (
    SELECT
        first_order.platform,
        count(*) AS newcomers,
        count(*) FILTER (WHERE first_order.first_date + $kept_days < $known_end) AS ripe,
        count(*) FILTER (
            WHERE
                first_order.first_date + $kept_days < $known_end
                AND second_day.second_date <= first_order.first_date + $kept_days
        ) AS kept
    FROM first_order
    LEFT JOIN second_day ON second_day.customer_id = first_order.customer_id
    GROUP BY first_order.platform
),
sold AS (
    SELECT
        sale.platform,
        count(*) FILTER (WHERE first_sale.customer_id IS NOT NULL) AS new_orders,
        CAST(coalesce(sum(sale.net_minor) FILTER (WHERE first_sale.customer_id IS NOT NULL), 0) AS BIGINT) AS new_minor,
        count(*) FILTER (WHERE first_sale.customer_id IS NULL AND sale.customer_id IS NOT NULL) AS returning_orders,
        CAST(
            coalesce(
                sum(sale.net_minor) FILTER (WHERE first_sale.customer_id IS NULL AND sale.customer_id IS NOT NULL), 0
            ) AS BIGINT
        ) AS returning_minor,
        count(*) FILTER (WHERE sale.customer_id IS NULL) AS anonymous_orders,
        CAST(coalesce(sum(sale.net_minor) FILTER (WHERE sale.customer_id IS NULL), 0) AS BIGINT) AS anonymous_minor
    FROM sale
    LEFT JOIN first_sale ON first_sale.customer_id = sale.customer_id
    WHERE sale.business_date >= $start_date AND sale.business_date < $end_date AND sale.currency = $currency
    GROUP BY sale.platform
)
SELECT
    coalesce(sold.platform, newcomer.platform) AS platform,
    coalesce(sold.new_orders, 0) AS new_orders,
    coalesce(sold.new_minor, 0) AS new_minor,
    coalesce(sold.returning_orders, 0) AS returning_orders,
    coalesce(sold.returning_minor, 0) AS returning_minor,
    coalesce(sold.anonymous_orders, 0) AS anonymous_orders,
    coalesce(sold.anonymous_minor, 0) AS anonymous_minor,
    coalesce(newcomer.newcomers, 0) AS newcomers,
    coalesce(newcomer.ripe, 0) AS ripe,
    coalesce(newcomer.kept, 0) AS kept
FROM sold
FULL JOIN newcomer ON newcomer.platform = sold.platform
ORDER BY platform
