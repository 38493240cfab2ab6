-- name:   codes.tallies
-- grain:  one row per channel code with a newcomer before $live_date
-- reads:  codes_newcomer(code_id, store_id, was_known, added_at, added_date, left_at, joined_group_at, verdict, cost_minor)
-- params: live_date DATE (exclusive: who came from then on is counted elsewhere), seen_until TIMESTAMP (up to here it is known who
--         left), stores BIGINT[] (null: all, and what belongs to no store)
-- units:  all COUNT of people; ripe_* those who came so many days before $seen_until, kept_* of these who were friends for as long;
--         gifts* minor units of the code's currency: what they cost when they came, all of them and those who are ripe
WITH newcomer AS (
    SELECT
        code_id,
        was_known,
        verdict,
        joined_group_at,
        added_at,
        left_at,
        cost_minor
    FROM codes_newcomer
    WHERE
        added_date < $live_date
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id))
)
SELECT
    code_id,
    count(*) AS came,
    count(*) FILTER (WHERE was_known = 0) AS fresh,
    count(*) FILTER (WHERE left_at IS NULL OR left_at >= $seen_until) AS friends,
    count(*) FILTER (WHERE joined_group_at IS NOT NULL) AS grouped,
    count(*) FILTER (WHERE verdict IN ('refuse', 'slow')) AS held_back,
    count(*) FILTER (WHERE added_at + INTERVAL 1 DAY <= $seen_until) AS ripe_1,
    count(*) FILTER (
        WHERE added_at + INTERVAL 1 DAY <= $seen_until AND (left_at IS NULL OR left_at >= added_at + INTERVAL 1 DAY)
    ) AS kept_1,
    count(*) FILTER (WHERE added_at + INTERVAL 7 DAY <= $seen_until) AS ripe_7,
    count(*) FILTER (
        WHERE added_at + INTERVAL 7 DAY <= $seen_until AND (left_at IS NULL OR left_at >= added_at + INTERVAL 7 DAY)
    ) AS kept_7,
    count(*) FILTER (WHERE added_at + INTERVAL 30 DAY <= $seen_until) AS ripe_30,
    count(*) FILTER (
        WHERE added_at + INTERVAL 30 DAY <= $seen_until AND (left_at IS NULL OR left_at >= added_at + INTERVAL 30 DAY)
    ) AS kept_30,
    CAST(sum(cost_minor) AS BIGINT) AS gifts,
    CAST(coalesce(sum(cost_minor) FILTER (WHERE added_at + INTERVAL 1 DAY <= $seen_until), 0) AS BIGINT) AS gifts_1,
    CAST(coalesce(sum(cost_minor) FILTER (WHERE added_at + INTERVAL 7 DAY <= $seen_until), 0) AS BIGINT) AS gifts_7,
    CAST(coalesce(sum(cost_minor) FILTER (WHERE added_at + INTERVAL 30 DAY <= $seen_until), 0) AS BIGINT) AS gifts_30
FROM newcomer
GROUP BY code_id
ORDER BY code_id
