-- name:   insight.happened
-- grain:  one row per event of another system by a known person, and per sale to one (kind order:paid), of a period
-- reads:  api_behaviour(customer_id, store_id, source, kind, happened_at, business_date)
--         orders_order(customer_id, store_id, shop_id, channel, status, placed_at, business_date)
--         orders_shop(shop_id, platform)
-- params: start_date DATE, end_date DATE (exclusive), stores BIGINT[] (what happened in these; null: all, and what happened in none),
--         from_ms BIGINT, until_ms BIGINT (exclusive: what lies further from its own business day than clocks differ is left out),
--         day_ms BIGINT (from the midnight of a date in UTC to the end of that business day: when a sale counts whose time is not known)
-- units:  at_ms milliseconds since 1970-01-01 in UTC; channel the system that saw the event, or platform/channel of the sale
WITH told AS (
    SELECT
        api_behaviour.customer_id,
        api_behaviour.store_id,
        api_behaviour.source AS channel,
        api_behaviour.kind,
        instant_ms(api_behaviour.happened_at) AS at_ms
    FROM api_behaviour
    WHERE
        api_behaviour.customer_id IS NOT NULL
        AND api_behaviour.business_date >= $start_date
        AND api_behaviour.business_date < $end_date
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), api_behaviour.store_id))
),
sold AS (
    SELECT
        orders_order.customer_id,
        orders_order.store_id,
        concat(coalesce(orders_shop.platform, ''), '/', coalesce(orders_order.channel, '')) AS channel,
        'order:paid' AS kind,
        coalesce(
            instant_ms(orders_order.placed_at),
            instant_ms(CAST(orders_order.business_date AS TIMESTAMP)) + $day_ms - 1
        ) AS at_ms
    FROM orders_order
    LEFT JOIN orders_shop ON orders_shop.shop_id = orders_order.shop_id
    WHERE
        orders_order.status NOT IN (0, 50)
        AND orders_order.customer_id IS NOT NULL
        AND orders_order.business_date >= $start_date
        AND orders_order.business_date < $end_date
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), orders_order.store_id))
),
both_kinds AS (
    SELECT told.customer_id, told.store_id, told.channel, told.kind, told.at_ms FROM told
    UNION ALL
    SELECT sold.customer_id, sold.store_id, sold.channel, sold.kind, sold.at_ms FROM sold
)
SELECT both_kinds.customer_id, both_kinds.store_id, both_kinds.channel, both_kinds.kind, both_kinds.at_ms
FROM both_kinds
WHERE both_kinds.at_ms >= $from_ms AND both_kinds.at_ms < $until_ms
