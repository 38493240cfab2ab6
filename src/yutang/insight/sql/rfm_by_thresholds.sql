-- name:   insight.rfm_by_thresholds
-- grain:  one row per customer with a sale before $as_of, graded by fixed thresholds
-- uses:   insight.peer
-- reads:  none
-- params: recency_limits INTEGER[] (days: at most the first is grade 5, at most the second 4, ... beyond the fourth 1),
--         order_limits INTEGER[] (orders: from the first on grade 2, ... from the fourth on 5), spend_limits BIGINT[] (minor units, as
--         order_limits)
-- units:  as in insight.buyer; r f m grade 1 (lowest) to 5 (highest); the group changes no grade
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
            WHEN peer.recency_days <= CAST($recency_limits AS INTEGER[])[1] THEN 5
            WHEN peer.recency_days <= CAST($recency_limits AS INTEGER[])[2] THEN 4
            WHEN peer.recency_days <= CAST($recency_limits AS INTEGER[])[3] THEN 3
            WHEN peer.recency_days <= CAST($recency_limits AS INTEGER[])[4] THEN 2
            ELSE 1
        END AS SMALLINT
    ) AS r,
    CAST(
        CASE
            WHEN peer.orders >= CAST($order_limits AS INTEGER[])[4] THEN 5
            WHEN peer.orders >= CAST($order_limits AS INTEGER[])[3] THEN 4
            WHEN peer.orders >= CAST($order_limits AS INTEGER[])[2] THEN 3
            WHEN peer.orders >= CAST($order_limits AS INTEGER[])[1] THEN 2
            ELSE 1
        END AS SMALLINT
    ) AS f,
    CAST(
        CASE
            WHEN peer.spend_minor >= CAST($spend_limits AS BIGINT[])[4] THEN 5
            WHEN peer.spend_minor >= CAST($spend_limits AS BIGINT[])[3] THEN 4
            WHEN peer.spend_minor >= CAST($spend_limits AS BIGINT[])[2] THEN 3
            WHEN peer.spend_minor >= CAST($spend_limits AS BIGINT[])[1] THEN 2
            ELSE 1
        END AS SMALLINT
    ) AS m
FROM peer
