-- name:   insight.ad_costs
-- grain:  one row per advertising channel with cost in [$start_date, $end_date)
-- reads:  visits_ad_cost(channel, business_date, currency, cost_minor)
-- params: start_date DATE, end_date DATE (exclusive), ripe_before DATE (exclusive: newcomers of earlier days have been watched long
--         enough), currency VARCHAR
-- units:  *_minor minor currency unit
SELECT
    visits_ad_cost.channel,
    CAST(sum(visits_ad_cost.cost_minor) AS BIGINT) AS cost_minor,
    CAST(
        coalesce(sum(visits_ad_cost.cost_minor) FILTER (WHERE visits_ad_cost.business_date < $ripe_before), 0) AS BIGINT
    ) AS ripe_cost_minor
FROM visits_ad_cost
WHERE
    visits_ad_cost.business_date >= $start_date
    AND visits_ad_cost.business_date < $end_date
    AND visits_ad_cost.currency = $currency
GROUP BY visits_ad_cost.channel
ORDER BY cost_minor DESC, visits_ad_cost.channel
