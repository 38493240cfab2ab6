-- name:   insight.customers_behind_product
-- grain:  one row per known customer whose sales of one product differ between two periods, the largest first
-- reads:  orders_order(order_id, customer_id, store_id, status, business_date, currency, total_minor, refunded_minor)
--         orders_line(line_id, order_id, product_id, amount_minor)
--         orders_product(product_id, code, name)
--         customers_customer(customer_id, store_id)
-- params: before_start DATE, before_end DATE (exclusive), now_start DATE, now_end DATE (exclusive), currency VARCHAR,
--         stores BIGINT[] (sales of these; null: all), group_key VARCHAR (name of the product; null: orders without lines),
--         kinds VARCHAR[] (new, returning), change VARCHAR (as in insight.customers_behind), reach BIGINT[] (customers of these
--         stores; null: all), after_minor BIGINT (null: from the top), after_id BIGINT, most INTEGER
-- units:  orders_* COUNT of orders with the product, *_minor minor currency unit net of refunds
WITH sale AS (
    SELECT
        CASE
            WHEN orders_order.business_date >= $now_start AND orders_order.business_date < $now_end THEN 'now'
            ELSE 'before'
        END AS period,
        orders_order.order_id,
        orders_order.customer_id,
        orders_order.total_minor - orders_order.refunded_minor AS net_minor
    FROM orders_order
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
line AS (
    SELECT
        orders_line.line_id,
        orders_line.order_id,
        orders_line.product_id,
        -- Lines that are worth nothing together share the order as if each were worth one.
        CASE
            WHEN sum(greatest(orders_line.amount_minor, 0)) OVER (PARTITION BY orders_line.order_id) = 0 THEN 1
            ELSE greatest(orders_line.amount_minor, 0)
        END AS weight
    FROM orders_line
    WHERE orders_line.order_id IN (SELECT sale.order_id FROM sale)
),
weighed AS (
    SELECT
        line.order_id,
        line.product_id,
        line.weight,
        CAST(sum(line.weight) OVER (PARTITION BY line.order_id ORDER BY line.line_id) AS BIGINT) AS up_to,
        CAST(sum(line.weight) OVER (PARTITION BY line.order_id) AS BIGINT) AS whole
    FROM line
),
sold_line AS (
    SELECT
        sale.period,
        sale.order_id,
        sale.customer_id,
        CASE WHEN orders_product.name <> '' THEN orders_product.name ELSE orders_product.code END AS group_key,
        CASE
            WHEN weighed.order_id IS NULL THEN sale.net_minor
            ELSE
                -- By floating point, because the product of two large amounts has no room in BIGINT; the last line ends at exactly 1.
                CAST(round(sale.net_minor * (CAST(weighed.up_to AS DOUBLE) / weighed.whole)) AS BIGINT)
                - CAST(
                    round(sale.net_minor * (CAST(weighed.up_to - weighed.weight AS DOUBLE) / weighed.whole)) AS BIGINT
                )
        END AS net_minor
    FROM sale
    LEFT JOIN weighed ON weighed.order_id = sale.order_id
    LEFT JOIN orders_product ON orders_product.product_id = weighed.product_id
),
kind AS (
    SELECT
        sold_line.period,
        sold_line.group_key,
        sold_line.order_id,
        sold_line.customer_id,
        sold_line.net_minor,
        CASE
            WHEN sold_line.customer_id IS NULL THEN 'anonymous'
            WHEN first_sale.first_date >= CASE sold_line.period WHEN 'now' THEN $now_start ELSE $before_start END THEN 'new'
            ELSE 'returning'
        END AS kind
    FROM sold_line
    LEFT JOIN first_sale ON first_sale.customer_id = sold_line.customer_id
),
compared AS (
    SELECT
        kind.customer_id,
        count(DISTINCT kind.order_id) FILTER (WHERE kind.period = 'before') AS orders_before,
        count(DISTINCT kind.order_id) FILTER (WHERE kind.period = 'now') AS orders_now,
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
