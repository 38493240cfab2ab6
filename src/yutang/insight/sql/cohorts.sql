-- name:   insight.cohorts
-- grain:  one row per month of first sale and month with sales of its customers
-- reads:  orders_order(customer_id, store_id, status, business_date)
-- params: first_month INTEGER (cohorts from this one; months counted from the year 0), end_date DATE (exclusive),
--         stores BIGINT[] (null: all, and what belongs to no store)
-- units:  cohort_month and month_offset MONTH (months counted from the year 0; months after the first), customers COUNT
WITH active_month AS (
    SELECT DISTINCT customer_id, month_index(business_date) AS active_in
    FROM orders_order
    WHERE
        status NOT IN (0, 50)
        AND customer_id IS NOT NULL
        AND business_date < $end_date
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id))
),
cohort AS (
    SELECT customer_id, min(active_in) AS cohort_month
    FROM active_month
    GROUP BY customer_id
)
SELECT
    cohort.cohort_month,
    active_month.active_in - cohort.cohort_month AS month_offset,
    count(*) AS customers
FROM cohort
JOIN active_month ON active_month.customer_id = cohort.customer_id
WHERE cohort.cohort_month >= $first_month
GROUP BY cohort.cohort_month, active_month.active_in - cohort.cohort_month
ORDER BY cohort_month, month_offset
