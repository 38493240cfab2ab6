-- name:   insight.first_places
-- grain:  one row per customer with a sale before $as_of
-- reads:  orders_order(order_id, customer_id, store_id, shop_id, status, business_date)
--         foundation_store(store_id, region_id)
--         orders_shop(shop_id, platform)
-- params: as_of DATE (exclusive), by VARCHAR (region, store, or platform)
-- units:  place VARCHAR, region or store of the first sale by key, or platform of its shop; empty where it has none. A first
--         sale is known from the first day on and stays what it is, so that nothing of later days is in it
WITH first_sale AS (
    SELECT
        customer_id,
        arg_min(
            coalesce(CASE WHEN $by = 'platform' THEN shop_id ELSE store_id END, 0),
            date_diff('day', DATE '1970-01-01', business_date) * 10000000000000 + order_id
        ) AS place_id
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < $as_of
    GROUP BY customer_id
)
SELECT
    first_sale.customer_id,
    CASE
        WHEN $by = 'platform' THEN coalesce(orders_shop.platform, '')
        WHEN $by = 'store' THEN coalesce(CAST(foundation_store.store_id AS VARCHAR), '')
        ELSE coalesce(CAST(foundation_store.region_id AS VARCHAR), '')
    END AS place
FROM first_sale
LEFT JOIN foundation_store ON foundation_store.store_id = first_sale.place_id
LEFT JOIN orders_shop ON orders_shop.shop_id = first_sale.place_id
ORDER BY first_sale.customer_id
