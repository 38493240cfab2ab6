-- name:   insight.cohort_returns
-- grain:  one row per group of customers by their first order, span of 30 days, and what is counted: watched (whose last whole span this
--         is) or active (who bought in this whole span)
-- uses:   insight.known_sale, insight.cohort_member AS member, insight.largest_cohort AS largest
-- reads:  none
-- params: end_date DATE (exclusive: orders are known up to here)
-- units:  span COUNT of spans of 30 days after the day of the first order (0: no whole one yet), customers COUNT
WITH watched AS (
    SELECT
        member.group_key,
        'watched' AS counted,
        (date_diff('day', member.first_date, $end_date) - 1) // 30 AS span,
        count(*) AS customers
    FROM member
    JOIN largest ON largest.group_key IS NOT DISTINCT FROM member.group_key
    GROUP BY ALL
),
later AS (
    SELECT DISTINCT
        member.group_key,
        member.customer_id,
        member.first_date,
        (date_diff('day', member.first_date, known_sale.business_date) + 29) // 30 AS span
    FROM member
    JOIN largest ON largest.group_key IS NOT DISTINCT FROM member.group_key
    JOIN known_sale ON known_sale.customer_id = member.customer_id AND known_sale.business_date > member.first_date
),
active AS (
    SELECT later.group_key, 'active' AS counted, later.span, count(*) AS customers
    FROM later
    WHERE later.span <= (date_diff('day', later.first_date, $end_date) - 1) // 30
    GROUP BY later.group_key, later.span
)
SELECT watched.group_key, watched.counted, CAST(watched.span AS INTEGER) AS span, watched.customers FROM watched
UNION ALL
SELECT active.group_key, active.counted, CAST(active.span AS INTEGER) AS span, active.customers FROM active
ORDER BY group_key, counted, span
