-- name:   insight.funnel_people
-- grain:  one row per customer who took the first step of a funnel: how far they came within the window, as `windowFunnel` of
--         ClickHouse tells in its default mode
-- uses:   insight.happened
-- reads:  none
-- inputs: asked_step(step, is_again, kind, store_id, channel)
-- params: window_ms BIGINT (from the first step to the last, inclusive), grouping VARCHAR (all, store or channel)
-- units:  steps COUNT; group_key of the event with which the chain that came furthest first began, empty where it has none; wait_2_ms to
--         wait_8_ms milliseconds from the step before to the first time that the step was taken, null where it was not
WITH walked_1 AS (
    SELECT
        happened.customer_id,
        happened.at_ms,
        asked_step.step,
        asked_step.is_again,
        coalesce(
            CASE $grouping
                WHEN 'store' THEN CAST(happened.store_id AS VARCHAR)
                WHEN 'channel' THEN happened.channel
            END,
            ''
        ) AS group_key,
        CASE WHEN asked_step.step = 1 THEN happened.at_ms END AS begun_ms,
        CAST(NULL AS BIGINT) AS wait_ms
    FROM happened
    JOIN asked_step
        ON
            asked_step.kind = happened.kind
            AND (asked_step.store_id IS NULL OR asked_step.store_id = happened.store_id)
            AND (asked_step.channel IS NULL OR asked_step.channel = happened.channel)
),
-- Where step 2 is taken: within the window of the latest beginning of those who took step 1 at this instant or before; a step that
-- asks for the same kind again, only before it.
seen_2 AS (
    SELECT
        walked_1.customer_id,
        walked_1.at_ms,
        walked_1.step,
        walked_1.is_again,
        walked_1.group_key,
        walked_1.begun_ms,
        walked_1.wait_ms,
        CASE WHEN walked_1.is_again
            THEN max(CASE WHEN walked_1.step = 1 THEN walked_1.begun_ms END) OVER (
                PARTITION BY walked_1.customer_id ORDER BY walked_1.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_1.step = 1 THEN walked_1.begun_ms END) OVER (
                PARTITION BY walked_1.customer_id ORDER BY walked_1.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS chain_ms,
        CASE WHEN walked_1.is_again
            THEN max(CASE WHEN walked_1.step = 1 AND walked_1.begun_ms IS NOT NULL THEN walked_1.at_ms END) OVER (
                PARTITION BY walked_1.customer_id ORDER BY walked_1.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_1.step = 1 AND walked_1.begun_ms IS NOT NULL THEN walked_1.at_ms END) OVER (
                PARTITION BY walked_1.customer_id ORDER BY walked_1.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS before_ms
    FROM walked_1
),
walked_2 AS (
    SELECT
        seen_2.customer_id,
        seen_2.at_ms,
        seen_2.step,
        seen_2.is_again,
        seen_2.group_key,
        CASE WHEN seen_2.step <> 2 THEN seen_2.begun_ms
            WHEN seen_2.at_ms - seen_2.chain_ms <= $window_ms THEN seen_2.chain_ms
        END AS begun_ms,
        CASE WHEN seen_2.step <> 2 THEN seen_2.wait_ms
            WHEN seen_2.at_ms - seen_2.chain_ms <= $window_ms THEN seen_2.at_ms - seen_2.before_ms
        END AS wait_ms
    FROM seen_2
),
-- Where step 3 is taken: within the window of the latest beginning of those who took step 2 at this instant or before; a step that
-- asks for the same kind again, only before it.
seen_3 AS (
    SELECT
        walked_2.customer_id,
        walked_2.at_ms,
        walked_2.step,
        walked_2.is_again,
        walked_2.group_key,
        walked_2.begun_ms,
        walked_2.wait_ms,
        CASE WHEN walked_2.is_again
            THEN max(CASE WHEN walked_2.step = 2 THEN walked_2.begun_ms END) OVER (
                PARTITION BY walked_2.customer_id ORDER BY walked_2.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_2.step = 2 THEN walked_2.begun_ms END) OVER (
                PARTITION BY walked_2.customer_id ORDER BY walked_2.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS chain_ms,
        CASE WHEN walked_2.is_again
            THEN max(CASE WHEN walked_2.step = 2 AND walked_2.begun_ms IS NOT NULL THEN walked_2.at_ms END) OVER (
                PARTITION BY walked_2.customer_id ORDER BY walked_2.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_2.step = 2 AND walked_2.begun_ms IS NOT NULL THEN walked_2.at_ms END) OVER (
                PARTITION BY walked_2.customer_id ORDER BY walked_2.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS before_ms
    FROM walked_2
),
walked_3 AS (
    SELECT
        seen_3.customer_id,
        seen_3.at_ms,
        seen_3.step,
        seen_3.is_again,
        seen_3.group_key,
        CASE WHEN seen_3.step <> 3 THEN seen_3.begun_ms
            WHEN seen_3.at_ms - seen_3.chain_ms <= $window_ms THEN seen_3.chain_ms
        END AS begun_ms,
        CASE WHEN seen_3.step <> 3 THEN seen_3.wait_ms
            WHEN seen_3.at_ms - seen_3.chain_ms <= $window_ms THEN seen_3.at_ms - seen_3.before_ms
        END AS wait_ms
    FROM seen_3
),
-- Where step 4 is taken: within the window of the latest beginning of those who took step 3 at this instant or before; a step that
-- asks for the same kind again, only before it.
seen_4 AS (
    SELECT
        walked_3.customer_id,
        walked_3.at_ms,
        walked_3.step,
        walked_3.is_again,
        walked_3.group_key,
        walked_3.begun_ms,
        walked_3.wait_ms,
        CASE WHEN walked_3.is_again
            THEN max(CASE WHEN walked_3.step = 3 THEN walked_3.begun_ms END) OVER (
                PARTITION BY walked_3.customer_id ORDER BY walked_3.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_3.step = 3 THEN walked_3.begun_ms END) OVER (
                PARTITION BY walked_3.customer_id ORDER BY walked_3.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS chain_ms,
        CASE WHEN walked_3.is_again
            THEN max(CASE WHEN walked_3.step = 3 AND walked_3.begun_ms IS NOT NULL THEN walked_3.at_ms END) OVER (
                PARTITION BY walked_3.customer_id ORDER BY walked_3.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_3.step = 3 AND walked_3.begun_ms IS NOT NULL THEN walked_3.at_ms END) OVER (
                PARTITION BY walked_3.customer_id ORDER BY walked_3.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS before_ms
    FROM walked_3
),
walked_4 AS (
    SELECT
        seen_4.customer_id,
        seen_4.at_ms,
        seen_4.step,
        seen_4.is_again,
        seen_4.group_key,
        CASE WHEN seen_4.step <> 4 THEN seen_4.begun_ms
            WHEN seen_4.at_ms - seen_4.chain_ms <= $window_ms THEN seen_4.chain_ms
        END AS begun_ms,
        CASE WHEN seen_4.step <> 4 THEN seen_4.wait_ms
            WHEN seen_4.at_ms - seen_4.chain_ms <= $window_ms THEN seen_4.at_ms - seen_4.before_ms
        END AS wait_ms
    FROM seen_4
),
-- Where step 5 is taken: within the window of the latest beginning of those who took step 4 at this instant or before; a step that
-- asks for the same kind again, only before it.
seen_5 AS (
    SELECT
        walked_4.customer_id,
        walked_4.at_ms,
        walked_4.step,
        walked_4.is_again,
        walked_4.group_key,
        walked_4.begun_ms,
        walked_4.wait_ms,
        CASE WHEN walked_4.is_again
            THEN max(CASE WHEN walked_4.step = 4 THEN walked_4.begun_ms END) OVER (
                PARTITION BY walked_4.customer_id ORDER BY walked_4.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_4.step = 4 THEN walked_4.begun_ms END) OVER (
                PARTITION BY walked_4.customer_id ORDER BY walked_4.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS chain_ms,
        CASE WHEN walked_4.is_again
            THEN max(CASE WHEN walked_4.step = 4 AND walked_4.begun_ms IS NOT NULL THEN walked_4.at_ms END) OVER (
                PARTITION BY walked_4.customer_id ORDER BY walked_4.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_4.step = 4 AND walked_4.begun_ms IS NOT NULL THEN walked_4.at_ms END) OVER (
                PARTITION BY walked_4.customer_id ORDER BY walked_4.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS before_ms
    FROM walked_4
),
walked_5 AS (
    SELECT
        seen_5.customer_id,
        seen_5.at_ms,
        seen_5.step,
        seen_5.is_again,
        seen_5.group_key,
        CASE WHEN seen_5.step <> 5 THEN seen_5.begun_ms
            WHEN seen_5.at_ms - seen_5.chain_ms <= $window_ms THEN seen_5.chain_ms
        END AS begun_ms,
        CASE WHEN seen_5.step <> 5 THEN seen_5.wait_ms
            WHEN seen_5.at_ms - seen_5.chain_ms <= $window_ms THEN seen_5.at_ms - seen_5.before_ms
        END AS wait_ms
    FROM seen_5
),
-- Where step 6 is taken: within the window of the latest beginning of those who took step 5 at this instant or before; a step that
-- asks for the same kind again, only before it.
seen_6 AS (
    SELECT
        walked_5.customer_id,
        walked_5.at_ms,
        walked_5.step,
        walked_5.is_again,
        walked_5.group_key,
        walked_5.begun_ms,
        walked_5.wait_ms,
        CASE WHEN walked_5.is_again
            THEN max(CASE WHEN walked_5.step = 5 THEN walked_5.begun_ms END) OVER (
                PARTITION BY walked_5.customer_id ORDER BY walked_5.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_5.step = 5 THEN walked_5.begun_ms END) OVER (
                PARTITION BY walked_5.customer_id ORDER BY walked_5.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS chain_ms,
        CASE WHEN walked_5.is_again
            THEN max(CASE WHEN walked_5.step = 5 AND walked_5.begun_ms IS NOT NULL THEN walked_5.at_ms END) OVER (
                PARTITION BY walked_5.customer_id ORDER BY walked_5.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_5.step = 5 AND walked_5.begun_ms IS NOT NULL THEN walked_5.at_ms END) OVER (
                PARTITION BY walked_5.customer_id ORDER BY walked_5.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS before_ms
    FROM walked_5
),
walked_6 AS (
    SELECT
        seen_6.customer_id,
        seen_6.at_ms,
        seen_6.step,
        seen_6.is_again,
        seen_6.group_key,
        CASE WHEN seen_6.step <> 6 THEN seen_6.begun_ms
            WHEN seen_6.at_ms - seen_6.chain_ms <= $window_ms THEN seen_6.chain_ms
        END AS begun_ms,
        CASE WHEN seen_6.step <> 6 THEN seen_6.wait_ms
            WHEN seen_6.at_ms - seen_6.chain_ms <= $window_ms THEN seen_6.at_ms - seen_6.before_ms
        END AS wait_ms
    FROM seen_6
),
-- Where step 7 is taken: within the window of the latest beginning of those who took step 6 at this instant or before; a step that
-- asks for the same kind again, only before it.
seen_7 AS (
    SELECT
        walked_6.customer_id,
        walked_6.at_ms,
        walked_6.step,
        walked_6.is_again,
        walked_6.group_key,
        walked_6.begun_ms,
        walked_6.wait_ms,
        CASE WHEN walked_6.is_again
            THEN max(CASE WHEN walked_6.step = 6 THEN walked_6.begun_ms END) OVER (
                PARTITION BY walked_6.customer_id ORDER BY walked_6.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_6.step = 6 THEN walked_6.begun_ms END) OVER (
                PARTITION BY walked_6.customer_id ORDER BY walked_6.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS chain_ms,
        CASE WHEN walked_6.is_again
            THEN max(CASE WHEN walked_6.step = 6 AND walked_6.begun_ms IS NOT NULL THEN walked_6.at_ms END) OVER (
                PARTITION BY walked_6.customer_id ORDER BY walked_6.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_6.step = 6 AND walked_6.begun_ms IS NOT NULL THEN walked_6.at_ms END) OVER (
                PARTITION BY walked_6.customer_id ORDER BY walked_6.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS before_ms
    FROM walked_6
),
walked_7 AS (
    SELECT
        seen_7.customer_id,
        seen_7.at_ms,
        seen_7.step,
        seen_7.is_again,
        seen_7.group_key,
        CASE WHEN seen_7.step <> 7 THEN seen_7.begun_ms
            WHEN seen_7.at_ms - seen_7.chain_ms <= $window_ms THEN seen_7.chain_ms
        END AS begun_ms,
        CASE WHEN seen_7.step <> 7 THEN seen_7.wait_ms
            WHEN seen_7.at_ms - seen_7.chain_ms <= $window_ms THEN seen_7.at_ms - seen_7.before_ms
        END AS wait_ms
    FROM seen_7
),
-- Where step 8 is taken: within the window of the latest beginning of those who took step 7 at this instant or before; a step that
-- asks for the same kind again, only before it.
seen_8 AS (
    SELECT
        walked_7.customer_id,
        walked_7.at_ms,
        walked_7.step,
        walked_7.is_again,
        walked_7.group_key,
        walked_7.begun_ms,
        walked_7.wait_ms,
        CASE WHEN walked_7.is_again
            THEN max(CASE WHEN walked_7.step = 7 THEN walked_7.begun_ms END) OVER (
                PARTITION BY walked_7.customer_id ORDER BY walked_7.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_7.step = 7 THEN walked_7.begun_ms END) OVER (
                PARTITION BY walked_7.customer_id ORDER BY walked_7.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS chain_ms,
        CASE WHEN walked_7.is_again
            THEN max(CASE WHEN walked_7.step = 7 AND walked_7.begun_ms IS NOT NULL THEN walked_7.at_ms END) OVER (
                PARTITION BY walked_7.customer_id ORDER BY walked_7.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
            ELSE max(CASE WHEN walked_7.step = 7 AND walked_7.begun_ms IS NOT NULL THEN walked_7.at_ms END) OVER (
                PARTITION BY walked_7.customer_id ORDER BY walked_7.at_ms RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )
        END AS before_ms
    FROM walked_7
),
walked_8 AS (
    SELECT
        seen_8.customer_id,
        seen_8.at_ms,
        seen_8.step,
        seen_8.is_again,
        seen_8.group_key,
        CASE WHEN seen_8.step <> 8 THEN seen_8.begun_ms
            WHEN seen_8.at_ms - seen_8.chain_ms <= $window_ms THEN seen_8.chain_ms
        END AS begun_ms,
        CASE WHEN seen_8.step <> 8 THEN seen_8.wait_ms
            WHEN seen_8.at_ms - seen_8.chain_ms <= $window_ms THEN seen_8.at_ms - seen_8.before_ms
        END AS wait_ms
    FROM seen_8
),
taken AS (
    SELECT
        walked_8.customer_id,
        walked_8.step,
        arg_min(walked_8.begun_ms, walked_8.at_ms) AS begun_ms,
        arg_min(walked_8.wait_ms, walked_8.at_ms) AS wait_ms
    FROM walked_8
    WHERE walked_8.begun_ms IS NOT NULL
    GROUP BY walked_8.customer_id, walked_8.step
),
furthest AS (
    SELECT
        taken.customer_id,
        max(taken.step) AS steps,
        max(CASE WHEN taken.step = 2 THEN taken.wait_ms END) AS wait_2_ms,
        max(CASE WHEN taken.step = 3 THEN taken.wait_ms END) AS wait_3_ms,
        max(CASE WHEN taken.step = 4 THEN taken.wait_ms END) AS wait_4_ms,
        max(CASE WHEN taken.step = 5 THEN taken.wait_ms END) AS wait_5_ms,
        max(CASE WHEN taken.step = 6 THEN taken.wait_ms END) AS wait_6_ms,
        max(CASE WHEN taken.step = 7 THEN taken.wait_ms END) AS wait_7_ms,
        max(CASE WHEN taken.step = 8 THEN taken.wait_ms END) AS wait_8_ms
    FROM taken
    GROUP BY taken.customer_id
),
begun AS (
    SELECT furthest.customer_id, min(walked_1.group_key) AS group_key
    FROM furthest
    JOIN taken ON taken.customer_id = furthest.customer_id AND taken.step = furthest.steps
    JOIN walked_1
        ON walked_1.customer_id = furthest.customer_id AND walked_1.step = 1 AND walked_1.at_ms = taken.begun_ms
    GROUP BY furthest.customer_id
)
SELECT
    furthest.customer_id,
    furthest.steps,
    begun.group_key,
    furthest.wait_2_ms,
    furthest.wait_3_ms,
    furthest.wait_4_ms,
    furthest.wait_5_ms,
    furthest.wait_6_ms,
    furthest.wait_7_ms,
    furthest.wait_8_ms
FROM furthest
JOIN begun ON begun.customer_id = furthest.customer_id
ORDER BY furthest.customer_id
