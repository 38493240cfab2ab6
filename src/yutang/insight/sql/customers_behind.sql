-- name:   insight.customers_behind
-- grain:  one row per known customer of one group whose sales of the asked kinds differ between two periods, the largest first
-- reads:  orders_order(customer_id, store_id, staff_id, shop_id, channel, status, business_date, currency, total_minor,
--         refunded_minor)
--         orders_shop(shop_id, platform)
--         foundation_store(store_id, region_id)
--         visits_footfall(store_id, business_date, entries)
--         customers_customer(customer_id, store_id)
-- params: grouping VARCHAR (all, store, region, channel or staff), before_start DATE, before_end DATE (exclusive), now_start DATE,
--         now_end DATE (exclusive), currency VARCHAR, stores BIGINT[] (sales of these; null: all), with_footfall BOOLEAN,
--         group_key VARCHAR (null: no group), kinds VARCHAR[] (counted, new, returning), change VARCHAR (who: moved, who came or
--         left; often, who stayed and bought more or less often; value, who stayed and spent more or less an order; any),
--         reach BIGINT[] (customers of these stores; null: all), after_minor BIGINT (null: from the top), after_id BIGINT,
--         most INTEGER
-- units:  orders_* COUNT, *_minor minor currency unit net of refunds
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
        visits_footfall.business_date
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
compared AS (
    SELECT
        kind.customer_id,
        count(*) FILTER (WHERE kind.period = 'before') AS orders_before,
        count(*) FILTER (WHERE kind.period = 'now') AS orders_now,
        CAST(coalesce(sum(kind.net_minor) FILTER (WHERE kind.period = 'before'), 0) AS BIGINT) AS before_minor,
        CAST(coalesce(sum(kind.net_minor) FILTER (WHERE kind.period = 'now'), 0) AS BIGINT) AS now_minor
    FROM kind
    WHERE
        kind.customer_id IS NOT NULL
        AND list_contains($kinds, kind.kind)
        AND kind.group_key IS NOT DISTINCT FROM CAST($group_key AS VARCHAR)
    GROUP BY kind.customer_id
),
chosen AS (
    SELECT
        compared.customer_id,
        compared.orders_before,
        compared.orders_now,
        compared.before_minor,
        compared.now_minor,
        compared.now_minor - compared.before_minor AS difference_minor
    FROM compared
    WHERE
        CASE $change
            WHEN 'moved' THEN compared.orders_before = 0 OR compared.orders_now = 0
            WHEN 'often'
                THEN
                    compared.orders_before > 0
                    AND compared.orders_now > 0
                    AND compared.orders_before <> compared.orders_now
            WHEN 'value'
                THEN
                    compared.orders_before > 0
                    AND compared.orders_now > 0
                    AND compared.before_minor * compared.orders_now <> compared.now_minor * compared.orders_before
            ELSE TRUE
        END
)
SELECT
    chosen.customer_id,
    chosen.orders_before,
    chosen.orders_now,
    chosen.before_minor,
    chosen.now_minor,
    chosen.difference_minor,
    CAST(count(*) OVER () AS BIGINT) AS customers,
    CAST(sum(chosen.difference_minor) OVER () AS BIGINT) AS all_minor
FROM chosen
JOIN customers_customer ON customers_customer.customer_id = chosen.customer_id
WHERE CAST($reach AS BIGINT[]) IS NULL OR list_contains(CAST($reach AS BIGINT[]), customers_customer.store_id)
QUALIFY
    CAST($after_minor AS BIGINT) IS NULL
    OR abs(chosen.difference_minor) < $after_minor
    OR (abs(chosen.difference_minor) = $after_minor AND chosen.customer_id < $after_id)
ORDER BY abs(chosen.difference_minor) DESC, chosen.customer_id DESC
LIMIT $most
