-- name:   insight.customers_behind_product
-- grain:  one row per known customer whose sales of one product differ between two periods, the largest first
-- uses:   insight.kind_of_line AS kind, insight.customer_difference
-- reads:  none
-- params: after_minor BIGINT (null: from the top), after_id BIGINT, most INTEGER
-- units:  orders_* COUNT of orders with the product, *_minor minor currency unit net of refunds
SELECT
    customer_difference.customer_id,
    customer_difference.orders_before,
    customer_difference.orders_now,
    customer_difference.before_minor,
    customer_difference.now_minor,
    customer_difference.difference_minor,
    customer_difference.customers,
    customer_difference.all_minor
FROM customer_difference
WHERE
    CAST($after_minor AS BIGINT) IS NULL
    OR abs(customer_difference.difference_minor) < $after_minor
    OR (abs(customer_difference.difference_minor) = $after_minor AND customer_difference.customer_id < $after_id)
ORDER BY abs(customer_difference.difference_minor) DESC, customer_difference.customer_id DESC
LIMIT $most
