-- name:   insight.period_groups
-- grain:  one row per period (before, now), group and kind of sale: counted (in a store on a day with footfall), new and returning
--         (known buyers), anonymous, returned (refunds that name no order)
-- reads:  orders_order(customer_id, store_id, staff_id, shop_id, channel, status, business_date, currency, total_minor,
--         refunded_minor)
--         orders_refund(order_id, business_date, currency, amount_minor)
--         orders_shop(shop_id, platform)
--         foundation_store(store_id, region_id)
--         visits_footfall(store_id, business_date, passers_by, entries)
-- params: grouping VARCHAR (all, store, region, channel or staff), before_start DATE, before_end DATE (exclusive), now_start DATE,
--         now_end DATE (exclusive), currency VARCHAR, stores BIGINT[] (null: all, and what belongs to no store),
--         with_footfall BOOLEAN (false: nothing is counted)
-- units:  buyers COUNT of known customers, orders COUNT, sales_minor minor currency unit net of refunds, passers_by COUNT (null where
--         a day lacks it), entries COUNT; the last two of counted only
WITH sale AS (
    SELECT
        CASE
            WHEN orders_order.business_date >= $now_start AND orders_order.business_date < $now_end THEN 'now'
            ELSE 'before'
        END AS period,
        CASE $grouping
            WHEN 'store' THEN CAST(orders_order.store_id AS VARCHAR)
            WHEN 'region' THEN CAST(foundation_store.region_id AS VARCHAR)
            WHEN 'channel' THEN concat(orders_shop.platform, '/', coalesce(orders_order.channel, ''))
            WHEN 'staff' THEN CAST(orders_order.staff_id AS VARCHAR)
        END AS group_key,
        orders_order.customer_id,
        orders_order.store_id,
        orders_order.business_date,
        orders_order.total_minor - orders_order.refunded_minor AS net_minor,
        orders_shop.platform = 'own' AND orders_order.store_id IS NOT NULL AS is_in_store
    FROM orders_order
    LEFT JOIN orders_shop ON orders_shop.shop_id = orders_order.shop_id
    LEFT JOIN foundation_store ON foundation_store.store_id = orders_order.store_id
    WHERE
        orders_order.status NOT IN (0, 50)
        AND (
            (orders_order.business_date >= $now_start AND orders_order.business_date < $now_end)
            OR (orders_order.business_date >= $before_start AND orders_order.business_date < $before_end)
        )
        AND orders_order.currency = $currency
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), orders_order.store_id))
),
first_sale AS (
    SELECT orders_order.customer_id, min(orders_order.business_date) AS first_date
    FROM orders_order
    WHERE
        orders_order.status NOT IN (0, 50)
        AND orders_order.customer_id IN (SELECT sale.customer_id FROM sale WHERE sale.customer_id IS NOT NULL)
    GROUP BY orders_order.customer_id
),
footfall AS (
    SELECT
        CASE
            WHEN visits_footfall.business_date >= $now_start AND visits_footfall.business_date < $now_end THEN 'now'
            ELSE 'before'
        END AS period,
        visits_footfall.store_id,
        visits_footfall.business_date,
        visits_footfall.passers_by,
        visits_footfall.entries
    FROM visits_footfall
    WHERE
        $with_footfall
        AND visits_footfall.entries > 0
        AND (
            (visits_footfall.business_date >= $now_start AND visits_footfall.business_date < $now_end)
            OR (visits_footfall.business_date >= $before_start AND visits_footfall.business_date < $before_end)
        )
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), visits_footfall.store_id))
),
sale_day AS (
    SELECT DISTINCT sale.period, sale.store_id, sale.business_date FROM sale WHERE sale.is_in_store
),
coverage AS (
    SELECT sale_day.period, sale_day.store_id, count(*) AS sale_days, count(footfall.store_id) AS counted_days
    FROM sale_day
    LEFT JOIN footfall ON footfall.store_id = sale_day.store_id AND footfall.business_date = sale_day.business_date
    GROUP BY sale_day.period, sale_day.store_id
),
-- Nine in ten days with sales have footfall, in both periods: what is compared is counted alike.
counted_store AS (
    SELECT coverage.store_id
    FROM coverage
    GROUP BY coverage.store_id
    HAVING count(*) = 2 AND min(10 * coverage.counted_days - 9 * coverage.sale_days) >= 0
),
marked AS (
    SELECT
        sale.period,
        sale.group_key,
        sale.customer_id,
        sale.net_minor,
        sale.is_in_store AND counted_store.store_id IS NOT NULL AND footfall.store_id IS NOT NULL AS is_counted,
        first_sale.first_date >= CASE sale.period WHEN 'now' THEN $now_start ELSE $before_start END AS is_new
    FROM sale
    LEFT JOIN first_sale ON first_sale.customer_id = sale.customer_id
    LEFT JOIN counted_store ON counted_store.store_id = sale.store_id
    LEFT JOIN footfall ON footfall.store_id = sale.store_id AND footfall.business_date = sale.business_date
),
kind AS (
    SELECT
        marked.period,
        CASE WHEN marked.is_counted AND $grouping = 'channel' THEN 'own/' ELSE marked.group_key END AS group_key,
        marked.customer_id,
        marked.net_minor,
        CASE
            WHEN marked.is_counted THEN 'counted'
            WHEN marked.customer_id IS NULL THEN 'anonymous'
            WHEN marked.is_new THEN 'new'
            ELSE 'returning'
        END AS kind
    FROM marked
),
sold AS (
    SELECT
        kind.period,
        kind.group_key,
        kind.kind,
        count(DISTINCT kind.customer_id) AS buyers,
        count(*) AS orders,
        CAST(sum(kind.net_minor) AS BIGINT) AS sales_minor
    FROM kind
    GROUP BY kind.period, kind.group_key, kind.kind
),
entered AS (
    SELECT
        footfall.period,
        CASE $grouping
            WHEN 'store' THEN CAST(footfall.store_id AS VARCHAR)
            WHEN 'region' THEN CAST(foundation_store.region_id AS VARCHAR)
            WHEN 'channel' THEN 'own/'
        END AS group_key,
        CASE WHEN count(footfall.passers_by) = count(*) THEN CAST(sum(footfall.passers_by) AS BIGINT) END AS passers_by,
        CAST(sum(footfall.entries) AS BIGINT) AS entries
    FROM footfall
    JOIN counted_store ON counted_store.store_id = footfall.store_id
    LEFT JOIN foundation_store ON foundation_store.store_id = footfall.store_id
    GROUP BY ALL
),
returned AS (
    SELECT
        CASE
            WHEN orders_refund.business_date >= $now_start AND orders_refund.business_date < $now_end THEN 'now'
            ELSE 'before'
        END AS period,
        -CAST(sum(orders_refund.amount_minor) AS BIGINT) AS sales_minor
    FROM orders_refund
    WHERE
        orders_refund.order_id IS NULL
        AND (
            (orders_refund.business_date >= $now_start AND orders_refund.business_date < $now_end)
            OR (orders_refund.business_date >= $before_start AND orders_refund.business_date < $before_end)
        )
        AND orders_refund.currency = $currency
        AND CAST($stores AS BIGINT[]) IS NULL
    GROUP BY ALL
)
SELECT
    sold.period,
    sold.group_key,
    sold.kind,
    sold.buyers,
    sold.orders,
    sold.sales_minor,
    entered.passers_by,
    entered.entries
FROM sold
LEFT JOIN entered
    ON
        sold.kind = 'counted'
        AND entered.period = sold.period
        AND entered.group_key IS NOT DISTINCT FROM sold.group_key
UNION ALL
SELECT
    returned.period,
    CAST(NULL AS VARCHAR) AS group_key,
    'returned' AS kind,
    0 AS buyers,
    0 AS orders,
    returned.sales_minor,
    CAST(NULL AS BIGINT) AS passers_by,
    CAST(NULL AS BIGINT) AS entries
FROM returned
ORDER BY period, group_key, kind
