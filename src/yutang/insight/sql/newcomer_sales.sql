-- name:   insight.newcomer_sales
-- grain:  one row: what people brought in the days after they were first seen, of those first seen in [$since, $until)
-- reads:  customers_customer(customer_id, first_seen_at)
--         orders_order(customer_id, status, business_date, currency, total_minor, refunded_minor)
-- params: since DATE, until DATE (exclusive), days INTEGER (followed after the first day), currency VARCHAR
-- units:  people COUNT, sales_minor minor currency unit net of refunds, of all people together
WITH sale AS (
    SELECT customer_id, business_date, currency, total_minor - refunded_minor AS net_minor
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL
),
first_sale AS (
    SELECT customer_id, min(business_date) AS first_date
    FROM sale
    GROUP BY customer_id
),
seen AS (
    SELECT
        customer.customer_id,
        least(
            CAST(customer.first_seen_at + INTERVAL '8' HOUR AS DATE),
            coalesce(first_sale.first_date, CAST(customer.first_seen_at + INTERVAL '8' HOUR AS DATE))
        ) AS first_date
    FROM customers_customer AS customer
    LEFT JOIN first_sale ON first_sale.customer_id = customer.customer_id
),
newcomer AS (
    SELECT customer_id, first_date
    FROM seen
    WHERE first_date >= $since AND first_date < $until
),
brought AS (
    SELECT newcomer.customer_id, sum(sale.net_minor) AS net_minor
    FROM newcomer
    JOIN sale ON sale.customer_id = newcomer.customer_id
    WHERE
        sale.currency = $currency
        AND date_diff('day', newcomer.first_date, sale.business_date) BETWEEN 0 AND $days
    GROUP BY newcomer.customer_id
)
SELECT
    count(*) AS people,
    CAST(coalesce(sum(brought.net_minor), 0) AS BIGINT) AS sales_minor
FROM newcomer
LEFT JOIN brought ON brought.customer_id = newcomer.customer_id
