-- name:   insight.channels
-- grain:  one row per platform, channel and store (null: none) with a sale
-- reads:  orders_order(shop_id, channel, store_id, status, business_date)
--         orders_shop(shop_id, platform)
-- params: end_date DATE (exclusive)
-- units:  orders COUNT
SELECT
    concat(orders_shop.platform, '/', coalesce(orders_order.channel, '')) AS channel_key,
    orders_order.store_id,
    count(*) AS orders
FROM orders_order
JOIN orders_shop ON orders_shop.shop_id = orders_order.shop_id
WHERE orders_order.status NOT IN (0, 50) AND orders_order.business_date < $end_date
GROUP BY concat(orders_shop.platform, '/', coalesce(orders_order.channel, '')), orders_order.store_id
ORDER BY channel_key, orders_order.store_id
