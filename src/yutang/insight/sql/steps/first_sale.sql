-- name:   insight.first_sale
-- grain:  one row per known customer with a sale in one of the two periods
-- uses:   insight.period_sale
-- reads:  orders_order(customer_id, status, business_date)
-- units:  first_date DATE of the first sale ever, in whatever currency and store
SELECT orders_order.customer_id, min(orders_order.business_date) AS first_date
FROM orders_order
WHERE
    orders_order.status NOT IN (0, 50)
    AND orders_order.customer_id IN (SELECT period_sale.customer_id FROM period_sale WHERE period_sale.customer_id IS NOT NULL)
GROUP BY orders_order.customer_id
