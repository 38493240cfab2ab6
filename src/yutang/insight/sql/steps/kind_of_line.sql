-- name:   insight.kind_of_line
-- grain:  one row per line of a sale of one of the two periods (one per sale without lines), with its product or category
--         and its kind: new and returning (known buyers), anonymous
-- uses:   insight.period_sale, insight.first_sale, insight.product_group
-- reads:  orders_line(line_id, order_id, product_id, amount_minor)
-- params: before_start DATE, now_start DATE
-- units:  net_minor minor currency unit net of refunds: an order's net total over its lines by their amounts, rounded so that the
--         lines add up to the order
WITH line AS (
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
    WHERE orders_line.order_id IN (SELECT period_sale.order_id FROM period_sale)
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
        period_sale.period,
        period_sale.order_id,
        period_sale.customer_id,
        product_group.group_key,
        CASE
            WHEN weighed.order_id IS NULL THEN period_sale.net_minor
            ELSE
                -- By floating point, because the product of two large amounts has no room in BIGINT; the last line ends at exactly 1.
                CAST(round(period_sale.net_minor * (CAST(weighed.up_to AS DOUBLE) / weighed.whole)) AS BIGINT)
                - CAST(
                    round(
                        period_sale.net_minor * (CAST(weighed.up_to - weighed.weight AS DOUBLE) / weighed.whole)
                    ) AS BIGINT
                )
        END AS net_minor
    FROM period_sale
    LEFT JOIN weighed ON weighed.order_id = period_sale.order_id
    LEFT JOIN product_group ON product_group.product_id = weighed.product_id
)
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
