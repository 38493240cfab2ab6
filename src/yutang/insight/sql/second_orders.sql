-- name:   insight.second_orders
-- grain:  one row per group of customers by their first order and days after it
-- reads:  orders_order(order_id, customer_id, store_id, shop_id, channel, status, business_date)
--         orders_shop(shop_id, platform)
--         orders_line(line_id, order_id, product_id, amount_minor)
--         orders_product(product_id, code, name)
-- params: grouping VARCHAR (all, month, store, channel or product: of the first order; its dearest line), since_date DATE (only who
--         came from this day on), end_date DATE (exclusive: orders are known up to here), stores BIGINT[] (only sales of these; null:
--         all), most INTEGER (groups)
-- units:  days DAY, happened COUNT of customers whose second order day is so many days after the first, still_open COUNT of customers
--         without one who have been watched for so many days
WITH sale AS (
    SELECT
        orders_order.order_id,
        orders_order.customer_id,
        orders_order.store_id,
        orders_order.business_date,
        concat(orders_shop.platform, '/', coalesce(orders_order.channel, '')) AS channel_key
    FROM orders_order
    LEFT JOIN orders_shop ON orders_shop.shop_id = orders_order.shop_id
    WHERE
        orders_order.status NOT IN (0, 50)
        AND orders_order.customer_id IS NOT NULL
        AND orders_order.business_date < $end_date
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), orders_order.store_id))
),
first_day AS (
    SELECT sale.customer_id, min(sale.business_date) AS first_date
    FROM sale
    GROUP BY sale.customer_id
    HAVING min(sale.business_date) >= $since_date
),
first_order AS (
    SELECT first_day.customer_id, first_day.first_date, sale.order_id, sale.store_id, sale.channel_key
    FROM first_day
    JOIN sale ON sale.customer_id = first_day.customer_id AND sale.business_date = first_day.first_date
    QUALIFY row_number() OVER (PARTITION BY first_day.customer_id ORDER BY sale.order_id) = 1
),
first_line AS (
    SELECT orders_line.order_id, orders_line.product_id
    FROM orders_line
    WHERE $grouping = 'product' AND orders_line.order_id IN (SELECT first_order.order_id FROM first_order)
    QUALIFY
        row_number() OVER (PARTITION BY orders_line.order_id ORDER BY orders_line.amount_minor DESC, orders_line.line_id) = 1
),
member AS (
    SELECT
        first_order.customer_id,
        first_order.first_date,
        CASE $grouping
            WHEN 'month' THEN strftime(first_order.first_date, '%Y-%m')
            WHEN 'store' THEN CAST(first_order.store_id AS VARCHAR)
            WHEN 'channel' THEN first_order.channel_key
            WHEN 'product'
                THEN CASE WHEN orders_product.name <> '' THEN orders_product.name ELSE orders_product.code END
        END AS group_key
    FROM first_order
    LEFT JOIN first_line ON first_line.order_id = first_order.order_id
    LEFT JOIN orders_product ON orders_product.product_id = first_line.product_id
),
largest AS (
    SELECT member.group_key, count(*) AS customers
    FROM member
    GROUP BY member.group_key
    ORDER BY customers DESC, member.group_key
    LIMIT $most
),
second_day AS (
    SELECT member.customer_id, min(sale.business_date) AS second_date
    FROM member
    JOIN sale ON sale.customer_id = member.customer_id AND sale.business_date > member.first_date
    GROUP BY member.customer_id
),
waited AS (
    SELECT
        member.group_key,
        second_day.second_date IS NOT NULL AS has_happened,
        CASE
            WHEN second_day.second_date IS NOT NULL THEN date_diff('day', member.first_date, second_day.second_date)
            ELSE date_diff('day', member.first_date, $end_date) - 1
        END AS days
    FROM member
    JOIN largest ON largest.group_key IS NOT DISTINCT FROM member.group_key
    LEFT JOIN second_day ON second_day.customer_id = member.customer_id
)
SELECT
    waited.group_key,
    CAST(waited.days AS INTEGER) AS days,
    count(*) FILTER (WHERE waited.has_happened) AS happened,
    count(*) FILTER (WHERE NOT waited.has_happened) AS still_open
FROM waited
GROUP BY waited.group_key, waited.days
ORDER BY group_key, days
