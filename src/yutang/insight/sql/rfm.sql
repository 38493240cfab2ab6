-- name:   insight.rfm
-- grain:  one row per customer with a sale before $as_of, graded by quintiles of its group
-- uses:   insight.peer
-- reads:  none
-- units:  as in insight.buyer; r f m quintile 1 (lowest) to 5 (highest) within the group; equal values get the same, by the middle of
--         their ranks
WITH total AS (
    SELECT group_key, count(*) AS buyers
    FROM peer
    GROUP BY group_key
),
by_recency AS (
    SELECT
        group_key,
        recency_days,
        count(*) AS peers,
        sum(count(*)) OVER (PARTITION BY group_key ORDER BY recency_days DESC) - count(*) AS below
    FROM peer
    GROUP BY group_key, recency_days
),
by_orders AS (
    SELECT
        group_key,
        orders,
        count(*) AS peers,
        sum(count(*)) OVER (PARTITION BY group_key ORDER BY orders) - count(*) AS below
    FROM peer
    GROUP BY group_key, orders
),
by_spend AS (
    SELECT
        group_key,
        spend_minor,
        count(*) AS peers,
        sum(count(*)) OVER (PARTITION BY group_key ORDER BY spend_minor) - count(*) AS below
    FROM peer
    GROUP BY group_key, spend_minor
)
SELECT
    peer.customer_id,
    peer.orders,
    peer.order_days,
    peer.spend_minor,
    peer.first_order_date,
    peer.last_order_date,
    peer.recency_days,
    peer.group_key,
    CAST(1 + 5 * (2 * by_recency.below + by_recency.peers) // (2 * total.buyers) AS SMALLINT) AS r,
    CAST(1 + 5 * (2 * by_orders.below + by_orders.peers) // (2 * total.buyers) AS SMALLINT) AS f,
    CAST(1 + 5 * (2 * by_spend.below + by_spend.peers) // (2 * total.buyers) AS SMALLINT) AS m
FROM peer
JOIN total ON total.group_key = peer.group_key
JOIN by_recency ON by_recency.group_key = peer.group_key AND by_recency.recency_days = peer.recency_days
JOIN by_orders ON by_orders.group_key = peer.group_key AND by_orders.orders = peer.orders
JOIN by_spend ON by_spend.group_key = peer.group_key AND by_spend.spend_minor = peer.spend_minor
