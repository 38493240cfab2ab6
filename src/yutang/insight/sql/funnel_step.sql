-- name:   insight.funnel_step
-- grain:  one row per event or sale that fulfils one step of a funnel, of one slice of the customers
-- uses:   insight.happened
-- reads:  none
-- params: kind VARCHAR, store_id BIGINT (only what happened there; null: anywhere), channel VARCHAR (only through it; null: any),
--         grouping VARCHAR (all, store or channel), slices INTEGER, slice INTEGER (from 0)
-- units:  at_ms milliseconds since 1970-01-01 in UTC; group_key key of the store, or the channel; null where there is none
SELECT
    happened.customer_id,
    happened.at_ms,
    CASE $grouping
        WHEN 'store' THEN CAST(happened.store_id AS VARCHAR)
        WHEN 'channel' THEN happened.channel
    END AS group_key
FROM happened
WHERE
    happened.kind = $kind
    AND (CAST($store_id AS BIGINT) IS NULL OR happened.store_id = $store_id)
    AND (CAST($channel AS VARCHAR) IS NULL OR happened.channel = $channel)
    AND ($slices = 1 OR happened.customer_id % $slices = $slice)
