-- name:   insight.rfm
-- grain:  one row per customer with a sale before $as_of, graded by quintiles of its group
-- uses:   insight.peer
-- reads:  none
-- units:  as in insight.buyer; r f m quintile 1 (lowest) to 5 (highest) within the group; equal values get the same, by the middle of
--         their ranks
WITH ranked AS (
    SELECT
        peer.customer_id,
        peer.orders,
        peer.order_days,
        peer.spend_minor,
        peer.first_order_date,
        peer.last_order_date,
        peer.recency_days,
        peer.group_key,
        -- Twice the middle of the ranks of equal values: those below, and those below or equal.
        rank() OVER by_recency - 1 + count(*) OVER by_recency AS recency_middle,
        rank() OVER by_orders - 1 + count(*) OVER by_orders AS orders_middle,
        rank() OVER by_spend - 1 + count(*) OVER by_spend AS spend_middle,
        2 * count(*) OVER (PARTITION BY peer.group_key) AS whole
    FROM peer
    WINDOW
        by_recency AS (PARTITION BY peer.group_key ORDER BY peer.recency_days DESC),
        by_orders AS (PARTITION BY peer.group_key ORDER BY peer.orders),
        by_spend AS (PARTITION BY peer.group_key ORDER BY peer.spend_minor)
)
SELECT
    ranked.customer_id,
    ranked.orders,
    ranked.order_days,
    ranked.spend_minor,
    ranked.first_order_date,
    ranked.last_order_date,
    ranked.recency_days,
    ranked.group_key,
    CAST(1 + 5 * ranked.recency_middle // ranked.whole AS SMALLINT) AS r,
    CAST(1 + 5 * ranked.orders_middle // ranked.whole AS SMALLINT) AS f,
    CAST(1 + 5 * ranked.spend_middle // ranked.whole AS SMALLINT) AS m
FROM ranked
