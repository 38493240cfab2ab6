-- name:   insight.period_products
-- grain:  one row per period (before, now), product and kind of sale: new and returning (known buyers), anonymous, returned (refunds
--         that name no order); things of one name in several shops are one product, orders without lines have none
-- reads:  orders_order(order_id, customer_id, store_id, status, business_date, currency, total_minor, refunded_minor)
--         orders_line(line_id, order_id, product_id, amount_minor)
--         orders_product(product_id, code, name)
--         orders_refund(order_id, product_id, business_date, currency, amount_minor)
-- params: before_start DATE, before_end DATE (exclusive), now_start DATE, now_end DATE (exclusive), currency VARCHAR,
--         stores BIGINT[] (null: all, and what belongs to no store)
-- units:  buyers COUNT of known customers, orders COUNT of orders with the product, sales_minor minor currency unit net of refunds: an
--         order's net total over its lines by their amounts, rounded so that the lines add up to the order
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
returned AS (
    SELECT
        CASE
            WHEN orders_refund.business_date >= $now_start AND orders_refund.business_date < $now_end THEN 'now'
            ELSE 'before'
        END AS period,
        CASE WHEN orders_product.name <> '' THEN orders_product.name ELSE orders_product.code END AS group_key,
        orders_refund.amount_minor
    FROM orders_refund
    LEFT JOIN orders_product ON orders_product.product_id = orders_refund.product_id
    WHERE
        orders_refund.order_id IS NULL
        AND (
            (orders_refund.business_date >= $now_start AND orders_refund.business_date < $now_end)
            OR (orders_refund.business_date >= $before_start AND orders_refund.business_date < $before_end)
        )
        AND orders_refund.currency = $currency
        AND CAST($stores AS BIGINT[]) IS NULL
)
SELECT
    kind.period,
    kind.group_key,
    kind.kind,
    count(DISTINCT kind.customer_id) AS buyers,
    count(DISTINCT kind.order_id) AS orders,
    CAST(sum(kind.net_minor) AS BIGINT) AS sales_minor
FROM kind
GROUP BY kind.period, kind.group_key, kind.kind
UNION ALL
SELECT
    returned.period,
    returned.group_key,
    'returned' AS kind,
    0 AS buyers,
    0 AS orders,
    -CAST(sum(returned.amount_minor) AS BIGINT) AS sales_minor
FROM returned
GROUP BY returned.period, returned.group_key
ORDER BY period, group_key, kind
