-- name:   insight.sales_of_customers
-- grain:  one row per sale of a known customer before $as_of, in no order
-- uses:   insight.sale_of_customer
-- reads:  none
-- params: slices INTEGER and slice INTEGER (only customers whose key leaves this rest: bounds the memory)
-- units:  net_minor minor currency unit of the sale as it is known now
SELECT
    sale_of_customer.customer_id,
    sale_of_customer.business_date,
    sale_of_customer.net_minor
FROM sale_of_customer
WHERE $slices = 1 OR sale_of_customer.customer_id % $slices = $slice
