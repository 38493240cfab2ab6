-- name:   insight.bought
-- grain:  one row per known customer within reach with a sale of one group in the period now, the largest spend first
-- uses:   insight.grouped_sale
-- reads:  customers_customer(customer_id, store_id)
-- params: grouping VARCHAR (all, store, region, channel or staff), group_key VARCHAR (null: no group), reach BIGINT[] (customers of
--         these stores; null: all), after_minor BIGINT (null: from the top), after_id BIGINT, most INTEGER
-- units:  orders COUNT, spend_minor minor currency unit net of refunds, last_date DATE; customers, all_orders and all_minor over
--         all rows
WITH spent AS (
    SELECT
        grouped_sale.customer_id,
        count(*) AS orders,
        CAST(sum(grouped_sale.net_minor) AS BIGINT) AS spend_minor,
        max(grouped_sale.business_date) AS last_date
    FROM grouped_sale
    WHERE
        grouped_sale.period = 'now'
        AND grouped_sale.customer_id IS NOT NULL
        AND grouped_sale.group_key IS NOT DISTINCT FROM CAST($group_key AS VARCHAR)
    GROUP BY grouped_sale.customer_id
),
reached AS (
    SELECT
        spent.customer_id,
        spent.orders,
        spent.spend_minor,
        spent.last_date,
        CAST(count(*) OVER () AS BIGINT) AS customers,
        CAST(sum(spent.orders) OVER () AS BIGINT) AS all_orders,
        CAST(sum(spent.spend_minor) OVER () AS BIGINT) AS all_minor
    FROM spent
    JOIN customers_customer ON customers_customer.customer_id = spent.customer_id
    WHERE CAST($reach AS BIGINT[]) IS NULL OR list_contains(CAST($reach AS BIGINT[]), customers_customer.store_id)
)
SELECT
    reached.customer_id,
    reached.orders,
    reached.spend_minor,
    reached.last_date,
    reached.customers,
    reached.all_orders,
    reached.all_minor
FROM reached
WHERE
    CAST($after_minor AS BIGINT) IS NULL
    OR reached.spend_minor < $after_minor
    OR (reached.spend_minor = $after_minor AND reached.customer_id < $after_id)
ORDER BY reached.spend_minor DESC, reached.customer_id DESC
LIMIT $most
