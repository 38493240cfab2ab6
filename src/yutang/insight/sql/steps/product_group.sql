-- name:   insight.product_group
-- grain:  one row per product, with the group in which its sales are counted
-- reads:  orders_product(product_id, code, name, category)
-- params: grouping VARCHAR (product: things of one name in several shops are one; category: as a file of the shop named it, else as one
--         did for a thing of the same name in another shop)
-- units:  group_key name of the product or category; null where no file named one
WITH named AS (
    SELECT
        product_id,
        CASE WHEN name <> '' THEN name ELSE code END AS product_name,
        nullif(category, '') AS category
    FROM orders_product
)
SELECT
    named.product_id,
    CASE $grouping
        WHEN 'product' THEN named.product_name
        WHEN 'category'
            THEN coalesce(named.category, max(named.category) OVER (PARTITION BY named.product_name))
    END AS group_key
FROM named
