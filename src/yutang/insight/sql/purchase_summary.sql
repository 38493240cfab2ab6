-- name:   insight.purchase_summary
-- grain:  one row per customer with a sale before $calibration_end
-- reads:  orders_order(order_id, customer_id, status, business_date, currency, total_minor, refunded_minor)
--         orders_refund(order_id, customer_id, business_date, currency, amount_minor)
-- params: calibration_end DATE (exclusive: nothing from this day on tells of the past), as_of DATE (exclusive: purchases
--         between the two are counted apart), currency VARCHAR (in which money is counted)
-- units:  x COUNT of days with a sale after the first such day, t_x_days DAY from the first to the last of them,
--         t_days DAY from the first one to the day before $calibration_end, spend_orders COUNT of repeat days with a sale in
--         the currency, spend_minor minor currency unit of those days net of refunds known by then,
--         loose_minor minor currency unit given back without naming an order, holdout COUNT of days with a sale between
--         $calibration_end and $as_of
WITH given_back_later AS (
    SELECT order_id, sum(amount_minor) AS later_minor
    FROM orders_refund
    WHERE order_id IS NOT NULL AND business_date >= $calibration_end
    GROUP BY order_id
),
sale AS (
    SELECT
        orders_order.customer_id,
        orders_order.business_date,
        CASE
            WHEN orders_order.currency = $currency
                THEN orders_order.total_minor
                    - greatest(orders_order.refunded_minor - coalesce(given_back_later.later_minor, 0), 0)
        END AS net_minor
    FROM orders_order
    LEFT JOIN given_back_later ON given_back_later.order_id = orders_order.order_id
    WHERE
        orders_order.status NOT IN (0, 50)
        AND orders_order.customer_id IS NOT NULL
        AND orders_order.business_date < $as_of
),
order_day AS (
    SELECT
        customer_id,
        business_date,
        CASE WHEN business_date < $calibration_end THEN 1 ELSE 0 END AS is_known,
        CASE WHEN count(net_minor) > 0 AND business_date < $calibration_end THEN 1 ELSE 0 END AS is_counted,
        CASE WHEN business_date < $calibration_end THEN coalesce(sum(net_minor), 0) ELSE 0 END AS net_minor
    FROM sale
    GROUP BY customer_id, business_date
),
bought AS (
    SELECT
        customer_id,
        min(business_date) AS first_date,
        max(CASE WHEN is_known = 1 THEN business_date END) AS last_date,
        sum(is_known) AS known_days,
        count(*) AS all_days,
        sum(is_counted) - arg_min(is_counted, business_date) AS spend_orders,
        sum(net_minor) - arg_min(net_minor, business_date) AS spend_minor
    FROM order_day
    GROUP BY customer_id
    HAVING min(business_date) < $calibration_end
),
loose AS (
    SELECT customer_id, sum(amount_minor) AS loose_minor
    FROM orders_refund
    WHERE
        order_id IS NULL
        AND customer_id IS NOT NULL
        AND currency = $currency
        AND business_date < $calibration_end
    GROUP BY customer_id
)
SELECT
    bought.customer_id,
    CAST(bought.known_days - 1 AS BIGINT) AS x,
    CAST(date_diff('day', bought.first_date, bought.last_date) AS BIGINT) AS t_x_days,
    CAST(date_diff('day', bought.first_date, $calibration_end) - 1 AS BIGINT) AS t_days,
    CAST(bought.spend_orders AS BIGINT) AS spend_orders,
    CAST(bought.spend_minor AS BIGINT) AS spend_minor,
    CAST(coalesce(loose.loose_minor, 0) AS BIGINT) AS loose_minor,
    CAST(bought.all_days - bought.known_days AS BIGINT) AS holdout
FROM bought
LEFT JOIN loose ON loose.customer_id = bought.customer_id
ORDER BY bought.customer_id
