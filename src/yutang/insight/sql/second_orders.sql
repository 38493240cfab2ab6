-- name:   insight.second_orders
-- grain:  one row per group of customers by their first order and days after it
-- uses:   insight.known_sale, insight.cohort_member AS member, insight.largest_cohort AS largest
-- reads:  none
-- params: end_date DATE (exclusive: orders are known up to here)
-- units:  days DAY, happened COUNT of customers whose second order day is so many days after the first, still_open COUNT of customers
--         without one who have been watched for so many days
WITH second_day AS (
    SELECT member.customer_id, min(known_sale.business_date) AS second_date
    FROM member
    JOIN known_sale ON known_sale.customer_id = member.customer_id AND known_sale.business_date > member.first_date
    GROUP BY member.customer_id
),
waited AS (
    SELECT
        member.group_key,
        second_day.second_date IS NOT NULL AS has_happened,
        CASE
            WHEN second_day.second_date IS NOT NULL THEN date_diff('day', member.first_date, second_day.second_date)
            ELSE date_diff('day', member.first_date, $end_date) - 1
        END AS days
    FROM member
    JOIN largest ON largest.group_key IS NOT DISTINCT FROM member.group_key
    LEFT JOIN second_day ON second_day.customer_id = member.customer_id
)
SELECT
    waited.group_key,
    CAST(waited.days AS INTEGER) AS days,
    count(*) FILTER (WHERE waited.has_happened) AS happened,
    count(*) FILTER (WHERE NOT waited.has_happened) AS still_open
FROM waited
GROUP BY waited.group_key, waited.days
ORDER BY group_key, days
