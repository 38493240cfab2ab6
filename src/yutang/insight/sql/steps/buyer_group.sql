-- name:   insight.buyer_group
-- grain:  one row per customer with a sale before $as_of: among whom it is graded, by where it bought last until then
-- uses:   insight.buyer
-- reads:  orders_order(order_id, customer_id, store_id, shop_id, status, business_date)
--         orders_shop(shop_id, platform)
--         foundation_store(store_id, region_id)
-- params: within VARCHAR (chain: no rows, everybody is graded together; region, store or platform)
-- units:  group_key id of region or store, or code of a platform; empty where the last sale has none
WITH last_order AS (
    -- Of several sales on the last day the one that was kept last.
    SELECT buyer.customer_id, max(orders_order.order_id) AS order_id
    FROM orders_order
    JOIN buyer ON buyer.customer_id = orders_order.customer_id AND buyer.last_order_date = orders_order.business_date
    WHERE $within <> 'chain' AND orders_order.status NOT IN (0, 50)
    GROUP BY buyer.customer_id
)
SELECT
    last_order.customer_id,
    coalesce(
        CASE $within
            WHEN 'store' THEN CAST(orders_order.store_id AS VARCHAR)
            WHEN 'region' THEN CAST(foundation_store.region_id AS VARCHAR)
            WHEN 'platform' THEN orders_shop.platform
        END,
        ''
    ) AS group_key
FROM last_order
JOIN orders_order ON orders_order.order_id = last_order.order_id
LEFT JOIN orders_shop ON orders_shop.shop_id = orders_order.shop_id
LEFT JOIN foundation_store ON foundation_store.store_id = orders_order.store_id
