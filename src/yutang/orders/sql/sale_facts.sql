-- name:   orders.sale_facts
-- grain:  one row per sale to a known person: an order that is neither cancelled nor known by its lines only
-- reads:  orders_order(customer_id, business_date, status, channel, store_id, currency, total_minor, refunded_minor, item_count)
-- units:  net_minor minor currency unit, net of refunds; item_count COUNT
SELECT
    customer_id,
    business_date,
    channel,
    store_id,
    currency,
    item_count,
    total_minor - refunded_minor AS net_minor
FROM orders_order
WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date IS NOT NULL
