-- name:   insight.cohort_people
-- grain:  one row per customer within reach whose first sale lies in one month and who bought in a later one, the newest customer first
-- reads:  orders_order(customer_id, store_id, status, business_date)
--         customers_customer(customer_id, store_id)
-- params: cohort_month INTEGER (months counted from the year 0), month_offset INTEGER (0: all of the cohort), end_date DATE
--         (exclusive), stores BIGINT[] (sales of these; null: all, and what belongs to no store), reach BIGINT[] (customers of these
--         stores; null: all), after_id BIGINT (null: from the top), most INTEGER
-- units:  orders COUNT and last_date DATE of the sales in that month; customers COUNT over all rows
WITH sale AS (
    SELECT customer_id, business_date, month_index(business_date) AS active_in
    FROM orders_order
    WHERE
        status NOT IN (0, 50)
        AND customer_id IS NOT NULL
        AND business_date < $end_date
        AND (CAST($stores AS BIGINT[]) IS NULL OR list_contains(CAST($stores AS BIGINT[]), store_id))
),
cohort AS (
    SELECT customer_id
    FROM sale
    GROUP BY customer_id
    HAVING min(active_in) = $cohort_month
),
active AS (
    SELECT sale.customer_id, count(*) AS orders, max(sale.business_date) AS last_date
    FROM sale
    JOIN cohort ON cohort.customer_id = sale.customer_id
    WHERE sale.active_in = $cohort_month + $month_offset
    GROUP BY sale.customer_id
),
reached AS (
    SELECT
        active.customer_id,
        active.orders,
        active.last_date,
        CAST(count(*) OVER () AS BIGINT) AS customers
    FROM active
    JOIN customers_customer ON customers_customer.customer_id = active.customer_id
    WHERE CAST($reach AS BIGINT[]) IS NULL OR list_contains(CAST($reach AS BIGINT[]), customers_customer.store_id)
)
SELECT reached.customer_id, reached.orders, reached.last_date, reached.customers
FROM reached
WHERE CAST($after_id AS BIGINT) IS NULL OR reached.customer_id < $after_id
ORDER BY reached.customer_id DESC
LIMIT $most
