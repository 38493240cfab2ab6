-- name:   insight.peer
-- grain:  one row per customer with a sale before $as_of, with the group in which it is graded
-- uses:   insight.buyer, insight.buyer_group
-- reads:  none
-- units:  as in insight.buyer and insight.buyer_group; group_key is empty for everybody where the whole chain is graded together
SELECT
    buyer.customer_id,
    buyer.orders,
    buyer.order_days,
    buyer.spend_minor,
    buyer.first_order_date,
    buyer.last_order_date,
    buyer.recency_days,
    coalesce(buyer_group.group_key, '') AS group_key
FROM buyer
LEFT JOIN buyer_group ON buyer_group.customer_id = buyer.customer_id
