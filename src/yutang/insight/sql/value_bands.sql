-- name:   insight.value_bands
-- grain:  one row per band of value with a customer in it
-- reads:  insight_customer_value(store_id, value_minor)
-- inputs: edge(band, from_minor, to_minor)
-- params: stores BIGINT[] (null: all, and who belongs to no store)
-- units:  customers COUNT, value_minor minor currency unit; bands are [from_minor, to_minor)
SELECT edge.band, count(*) AS customers, CAST(sum(valued.value_minor) AS BIGINT) AS value_minor
FROM insight_customer_value AS valued
JOIN edge ON valued.value_minor >= edge.from_minor AND valued.value_minor < edge.to_minor
WHERE CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), valued.store_id)
GROUP BY edge.band
ORDER BY edge.band
