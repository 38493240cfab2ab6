-- name:   insight.grouped_sale
-- grain:  one row per sale of one of the two periods, with the group that it belongs to
-- uses:   insight.period_sale
-- reads:  orders_shop(shop_id, platform)
--         foundation_store(store_id, region_id)
-- params: grouping VARCHAR (all, store, region, channel or staff)
-- units:  net_minor minor currency unit net of refunds; is_in_store: bought in a store of the own, so that footfall may explain it
SELECT
    period_sale.period,
    CASE $grouping
        WHEN 'store' THEN CAST(period_sale.store_id AS VARCHAR)
        WHEN 'region' THEN CAST(foundation_store.region_id AS VARCHAR)
        WHEN 'channel' THEN concat(orders_shop.platform, '/', coalesce(period_sale.channel, ''))
        WHEN 'staff' THEN CAST(period_sale.staff_id AS VARCHAR)
    END AS group_key,
    period_sale.order_id,
    period_sale.customer_id,
    period_sale.store_id,
    period_sale.business_date,
    period_sale.net_minor,
    orders_shop.platform = 'own' AND period_sale.store_id IS NOT NULL AS is_in_store
FROM period_sale
LEFT JOIN orders_shop ON orders_shop.shop_id = period_sale.shop_id
LEFT JOIN foundation_store ON foundation_store.store_id = period_sale.store_id
