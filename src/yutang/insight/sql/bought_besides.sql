-- name:   insight.bought_besides
-- grain:  one row: the sales of one group in the period now that lead to nobody who may be named
-- uses:   insight.grouped_sale
-- reads:  customers_customer(customer_id, store_id)
-- params: grouping VARCHAR (all, store, region, channel or staff), group_key VARCHAR (null: no group), reach BIGINT[] (customers of
--         these stores; null: all)
-- units:  nameless: of no known customer; elsewhere: of customers beyond the reach. orders COUNT, minor minor currency unit net of
--         refunds
WITH besides AS (
    SELECT customers_customer.customer_id, grouped_sale.net_minor
    FROM grouped_sale
    LEFT JOIN customers_customer ON customers_customer.customer_id = grouped_sale.customer_id
    WHERE
        grouped_sale.period = 'now'
        AND grouped_sale.group_key IS NOT DISTINCT FROM CAST($group_key AS VARCHAR)
        AND (
            customers_customer.customer_id IS NULL
            OR (
                CAST($reach AS BIGINT[]) IS NOT NULL
                AND NOT coalesce(list_contains(CAST($reach AS BIGINT[]), customers_customer.store_id), FALSE)
            )
        )
)
SELECT
    count(*) FILTER (WHERE besides.customer_id IS NULL) AS nameless_orders,
    CAST(coalesce(sum(besides.net_minor) FILTER (WHERE besides.customer_id IS NULL), 0) AS BIGINT) AS nameless_minor,
    count(*) FILTER (WHERE besides.customer_id IS NOT NULL) AS elsewhere_orders,
    CAST(coalesce(sum(besides.net_minor) FILTER (WHERE besides.customer_id IS NOT NULL), 0) AS BIGINT) AS elsewhere_minor
FROM besides
