-- name:   insight.footfall
-- grain:  one row per store and day of one of two periods with footfall; none where footfall is to explain nothing
-- reads:  visits_footfall(store_id, business_date, passers_by, entries)
-- params: before_start DATE, before_end DATE (exclusive), now_start DATE, now_end DATE (exclusive), stores BIGINT[] (null: all),
--         with_footfall BOOLEAN (false: no rows)
-- units:  passers_by COUNT (null: not counted), entries COUNT
SELECT
    CASE
        WHEN visits_footfall.business_date >= $now_start AND visits_footfall.business_date < $now_end THEN 'now'
        ELSE 'before'
    END AS period,
    visits_footfall.store_id,
    visits_footfall.business_date,
    visits_footfall.passers_by,
    visits_footfall.entries
FROM visits_footfall
WHERE
    $with_footfall
    AND visits_footfall.entries > 0
    AND (
        (visits_footfall.business_date >= $now_start AND visits_footfall.business_date < $now_end)
        OR (visits_footfall.business_date >= $before_start AND visits_footfall.business_date < $before_end)
    )
    AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), visits_footfall.store_id))
