-- name:   insight.stage_inputs
-- grain:  one row per customer with a sale, and per customer first seen before $known_before; none that was merged away
-- reads:  customers_customer(customer_id, store_id, first_seen_at)
-- inputs: bought(customer_id, orders, order_days, spend_minor, first_order_date, last_order_date, recency_days, r, f, m)
--         beat(customer_id, rhythm_days)
-- params: known_before DATE (exclusive)
-- units:  as in insight.rfm and insight.rhythm; customers without a sale have orders 0 and null elsewhere
SELECT
    customer.customer_id,
    customer.store_id,
    coalesce(bought.orders, 0) AS orders,
    coalesce(bought.order_days, 0) AS order_days,
    coalesce(bought.spend_minor, 0) AS spend_minor,
    bought.first_order_date,
    bought.last_order_date,
    bought.recency_days,
    bought.r,
    bought.f,
    bought.m,
    beat.rhythm_days
FROM customers_customer AS customer
LEFT JOIN bought ON bought.customer_id = customer.customer_id
LEFT JOIN beat ON beat.customer_id = customer.customer_id
WHERE bought.customer_id IS NOT NULL OR CAST(customer.first_seen_at AS DATE) < $known_before
ORDER BY customer.customer_id
