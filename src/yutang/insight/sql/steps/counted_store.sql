-- name:   insight.counted_store
-- grain:  one row per store whose sales footfall may explain: nine in ten days with sales have footfall, in both periods, so that what
--         is compared is counted alike
-- uses:   insight.grouped_sale, insight.footfall
-- reads:  none
-- units:  none
WITH sale_day AS (
    SELECT DISTINCT grouped_sale.period, grouped_sale.store_id, grouped_sale.business_date
    FROM grouped_sale
    WHERE grouped_sale.is_in_store
),
coverage AS (
    SELECT sale_day.period, sale_day.store_id, count(*) AS sale_days, count(footfall.store_id) AS counted_days
    FROM sale_day
    LEFT JOIN footfall ON footfall.store_id = sale_day.store_id AND footfall.business_date = sale_day.business_date
    GROUP BY sale_day.period, sale_day.store_id
)
SELECT coverage.store_id
FROM coverage
GROUP BY coverage.store_id
HAVING count(*) = 2 AND min(10 * coverage.counted_days - 9 * coverage.sale_days) >= 0
