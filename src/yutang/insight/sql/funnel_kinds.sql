-- name:   insight.funnel_kinds
-- grain:  one row per kind of event of known people and system that saw it
-- reads:  api_behaviour(customer_id, kind, source, business_date)
-- units:  events COUNT, last_date DATE of the last of them
SELECT
    api_behaviour.kind,
    api_behaviour.source,
    count(*) AS events,
    max(api_behaviour.business_date) AS last_date
FROM api_behaviour
WHERE api_behaviour.customer_id IS NOT NULL AND api_behaviour.business_date IS NOT NULL
GROUP BY api_behaviour.kind, api_behaviour.source
ORDER BY events DESC, api_behaviour.kind, api_behaviour.source
