-- name:   insight.period_products
-- grain:  one row per period (before, now), product or category, and kind of sale: new and returning (known buyers), anonymous,
--         returned (refunds that name no order); things of one name in several shops are one product, orders without lines have none
-- uses:   insight.kind_of_line AS kind, insight.product_group, insight.period_refund
-- reads:  none
-- units:  buyers COUNT of known customers, orders COUNT of orders with the product, sales_minor minor currency unit net of refunds: an
--         order's net total over its lines by their amounts, rounded so that the lines add up to the order
WITH returned AS (
    SELECT
        period_refund.period,
        product_group.group_key,
        period_refund.amount_minor
    FROM period_refund
    LEFT JOIN product_group ON product_group.product_id = period_refund.product_id
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
