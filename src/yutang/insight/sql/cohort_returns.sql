-- name:   insight.cohort_returns
-- grain:  one row per group of customers by their first order, span of 30 days, and what is counted: watched (whose last whole span this
--         is) or active (who bought in this whole span)
-- reads:  orders_order(order_id, customer_id, store_id, shop_id, channel, status, business_date)
--         orders_shop(shop_id, platform)
--         orders_line(line_id, order_id, product_id, amount_minor)
--         orders_product(product_id, code, name)
-- params: grouping VARCHAR (all, month, store, channel or product: of the first order; its dearest line), since_date DATE (only who
--         came from this day on), end_date DATE (exclusive: orders are known up to here), stores BIGINT[] (only sales of these; null:
--         all), most INTEGER (groups)
-- units:  span COUNT of spans of 30 days after the day of the first order (0: no whole one yet), customers COUNT
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
watched AS (
    SELECT
        member.group_key,
        'watched' AS counted,
        (date_diff('day', member.first_date, $end_date) - 1) // 30 AS span,
        count(*) AS customers
    FROM member
    JOIN largest ON largest.group_key IS NOT DISTINCT FROM member.group_key
    GROUP BY ALL
),
later AS (
    SELECT DISTINCT
        member.group_key,
        member.customer_id,
        member.first_date,
        (date_diff('day', member.first_date, sale.business_date) + 29) // 30 AS span
    FROM member
    JOIN largest ON largest.group_key IS NOT DISTINCT FROM member.group_key
    JOIN sale ON sale.customer_id = member.customer_id AND sale.business_date > member.first_date
),
active AS (
    SELECT later.group_key, 'active' AS counted, later.span, count(*) AS customers
    FROM later
    WHERE later.span <= (date_diff('day', later.first_date, $end_date) - 1) // 30
    GROUP BY later.group_key, later.span
)
SELECT watched.group_key, watched.counted, CAST(watched.span AS INTEGER) AS span, watched.customers FROM watched
UNION ALL
SELECT active.group_key, active.counted, CAST(active.span AS INTEGER) AS span, active.customers FROM active
ORDER BY group_key, counted, span
