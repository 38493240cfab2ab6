-- name:   insight.first_order
-- grain:  one row per customer whose first sale lies on or after $since_date
-- uses:   insight.known_sale
-- reads:  none
-- params: since_date DATE (only who came from this day on)
-- units:  first_date DATE; of several sales on that day the one that was kept first
WITH first_day AS (
    SELECT known_sale.customer_id, min(known_sale.business_date) AS first_date
    FROM known_sale
    GROUP BY known_sale.customer_id
    HAVING min(known_sale.business_date) >= $since_date
)
SELECT
    first_day.customer_id,
    first_day.first_date,
    known_sale.order_id,
    known_sale.store_id,
    known_sale.channel_key
FROM first_day
JOIN known_sale
    ON known_sale.customer_id = first_day.customer_id AND known_sale.business_date = first_day.first_date
QUALIFY row_number() OVER (PARTITION BY first_day.customer_id ORDER BY known_sale.order_id) = 1
