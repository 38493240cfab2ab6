-- name:   insight.customer_difference
-- grain:  one row per known customer within reach whose sales of the asked kinds in one group differ between the two periods in the
--         asked way
-- reads:  customers_customer(customer_id, store_id)
-- inputs: kind(period, group_key, order_id, customer_id, net_minor, kind)
-- params: group_key VARCHAR (null: no group), kinds VARCHAR[] (counted, new, returning), change VARCHAR (who: moved, who came or left;
--         often, who stayed and bought more or less often; value, who stayed and spent more or less an order; any), reach BIGINT[]
--         (customers of these stores; null: all)
-- units:  orders_* COUNT, *_minor minor currency unit net of refunds; customers COUNT and all_minor over all rows
WITH compared AS (
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
