-- name:   insight.value_rows
-- grain:  one row per customer with a value; none that was merged away
-- reads:  customers_customer(customer_id, store_id)
-- inputs: valued(customer_id, p_alive, orders_30, orders_90, orders_365, order_minor, value_minor, low_minor, high_minor,
--         next_order_date, next_from_date, next_to_date, model_group)
--         valued_before(customer_id, value_minor)
-- units:  p_alive 0-1, orders_* COUNT expected in so many days, *_minor minor currency unit, before_minor of 30 days earlier
SELECT
    valued.customer_id,
    customer.store_id,
    valued.p_alive,
    valued.orders_30,
    valued.orders_90,
    valued.orders_365,
    valued.order_minor,
    valued.value_minor,
    valued.low_minor,
    valued.high_minor,
    valued_before.value_minor AS before_minor,
    valued.next_order_date,
    valued.next_from_date,
    valued.next_to_date,
    valued.model_group
FROM valued
JOIN customers_customer AS customer ON customer.customer_id = valued.customer_id
LEFT JOIN valued_before ON valued_before.customer_id = valued.customer_id
ORDER BY valued.customer_id
