-- name:   insight.purchases
-- grain:  one row per sale to a known customer before $as_of, and one per sale of which something was given back later; which
--         of them are one purchase is told by customer and day
-- reads:  orders_order(order_id, customer_id, status, business_date, currency, total_minor, refunded_minor)
--         orders_refund(order_id, business_date, amount_minor)
-- params: as_of DATE (exclusive), known_before DATE (exclusive: refunds of sales before this day are not known from it on),
--         currency VARCHAR (in which money is counted), slices INTEGER and slice INTEGER (only customers whose key leaves
--         this rest: bounds the memory)
-- units:  net_minor minor currency unit net of refunds, null in another currency; the rows of what was given back later put it
--         back: to sales before $known_before what was given back from that day on, to later ones what was from $as_of on; a
--         refund without a date is known at once
WITH given_back_later AS (
    SELECT
        order_id,
        sum(amount_minor) AS later_minor,
        coalesce(sum(amount_minor) FILTER (WHERE business_date >= $as_of), 0) AS last_minor
    FROM orders_refund
    WHERE order_id IS NOT NULL AND business_date >= $known_before
    GROUP BY order_id
)
SELECT
    customer_id,
    business_date,
    CASE WHEN currency = $currency THEN total_minor - refunded_minor END AS net_minor
FROM orders_order
WHERE
    status NOT IN (0, 50)
    AND customer_id IS NOT NULL
    AND business_date < $as_of
    AND ($slices = 1 OR customer_id % $slices = $slice)
UNION ALL
SELECT
    orders_order.customer_id,
    orders_order.business_date,
    CAST(
        least(
            orders_order.refunded_minor,
            CASE
                WHEN orders_order.business_date < $known_before THEN given_back_later.later_minor
                ELSE given_back_later.last_minor
            END
        ) AS BIGINT
    ) AS net_minor
FROM given_back_later
JOIN orders_order ON orders_order.order_id = given_back_later.order_id
WHERE
    orders_order.status NOT IN (0, 50)
    AND orders_order.customer_id IS NOT NULL
    AND orders_order.business_date < $as_of
    AND ($slices = 1 OR orders_order.customer_id % $slices = $slice)
    AND orders_order.currency = $currency
