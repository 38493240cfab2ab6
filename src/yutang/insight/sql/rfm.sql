-- name:   insight.rfm
-- grain:  one row per customer with a sale before $as_of, graded by quintiles of its group
-- uses:   insight.peer
-- reads:  none
-- units:  as in insight.buyer; r f m quintile 1 (lowest) to 5 (highest) within the group; equal values get the same, by the middle of
--         their ranks
WITH valued AS (
    -- Each value once, also of whom nobody else has: what is sorted is values, and not customers.
    SELECT
        peer.group_key,
        CASE WHEN peer.orders IS NOT NULL THEN 'f' WHEN peer.spend_minor IS NOT NULL THEN 'm' ELSE 'r' END AS graded,
        coalesce(peer.orders, peer.spend_minor, -peer.recency_days) AS value,
        count(*) AS customers
    FROM peer
    GROUP BY GROUPING SETS ((peer.group_key, peer.orders), (peer.group_key, peer.spend_minor), (peer.group_key, peer.recency_days))
),
ranked AS (
    -- Twice the middle of the ranks of equal values: those below, and those below or equal.
    SELECT
        group_key,
        graded,
        value,
        2 * sum(customers) OVER (PARTITION BY group_key, graded ORDER BY value) - customers AS middle,
        2 * sum(customers) OVER (PARTITION BY group_key, graded) AS whole
    FROM valued
),
bound AS (
    -- The least value of each grade; none where a grade is skipped, and the next one begins there.
    SELECT
        group_key,
        min(CASE WHEN graded = 'r' AND 5 * middle >= whole THEN value END) AS r2,
        min(CASE WHEN graded = 'r' AND 5 * middle >= 2 * whole THEN value END) AS r3,
        min(CASE WHEN graded = 'r' AND 5 * middle >= 3 * whole THEN value END) AS r4,
        min(CASE WHEN graded = 'r' AND 5 * middle >= 4 * whole THEN value END) AS r5,
        min(CASE WHEN graded = 'f' AND 5 * middle >= whole THEN value END) AS f2,
        min(CASE WHEN graded = 'f' AND 5 * middle >= 2 * whole THEN value END) AS f3,
        min(CASE WHEN graded = 'f' AND 5 * middle >= 3 * whole THEN value END) AS f4,
        min(CASE WHEN graded = 'f' AND 5 * middle >= 4 * whole THEN value END) AS f5,
        min(CASE WHEN graded = 'm' AND 5 * middle >= whole THEN value END) AS m2,
        min(CASE WHEN graded = 'm' AND 5 * middle >= 2 * whole THEN value END) AS m3,
        min(CASE WHEN graded = 'm' AND 5 * middle >= 3 * whole THEN value END) AS m4,
        min(CASE WHEN graded = 'm' AND 5 * middle >= 4 * whole THEN value END) AS m5
    FROM ranked
    GROUP BY group_key
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
    CAST(
        CASE
            WHEN -peer.recency_days >= bound.r5 THEN 5
            WHEN -peer.recency_days >= bound.r4 THEN 4
            WHEN -peer.recency_days >= bound.r3 THEN 3
            WHEN -peer.recency_days >= bound.r2 THEN 2
            ELSE 1
        END AS SMALLINT
    ) AS r,
    CAST(
        CASE
            WHEN peer.orders >= bound.f5 THEN 5
            WHEN peer.orders >= bound.f4 THEN 4
            WHEN peer.orders >= bound.f3 THEN 3
            WHEN peer.orders >= bound.f2 THEN 2
            ELSE 1
        END AS SMALLINT
    ) AS f,
    CAST(
        CASE
            WHEN peer.spend_minor >= bound.m5 THEN 5
            WHEN peer.spend_minor >= bound.m4 THEN 4
            WHEN peer.spend_minor >= bound.m3 THEN 3
            WHEN peer.spend_minor >= bound.m2 THEN 2
            ELSE 1
        END AS SMALLINT
    ) AS m
FROM peer
JOIN bound ON bound.group_key = peer.group_key
