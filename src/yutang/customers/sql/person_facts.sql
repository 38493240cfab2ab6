-- name:   customers.person_facts
-- grain:  one row per person who was not merged into another
-- reads:  customers_customer(customer_id, store_id, first_seen_at, phones, wecoms, wechats, emails, member_nos)
--         foundation_store(store_id, region_id)
-- units:  first_seen_date day in Shanghai (UTC+8 all the year), has_... TRUE or FALSE
SELECT
    customer.customer_id,
    customer.store_id,
    store.region_id,
    CAST(customer.first_seen_at + INTERVAL '8' HOUR AS DATE) AS first_seen_date,
    customer.phones > 0 AS has_phone,
    customer.wecoms > 0 AS has_wecom,
    customer.wechats > 0 AS has_wechat,
    customer.emails > 0 AS has_email,
    customer.member_nos > 0 AS has_member_no
FROM customers_customer AS customer
LEFT JOIN foundation_store AS store ON store.store_id = customer.store_id
