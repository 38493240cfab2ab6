-- name:   insight.what_followed
-- grain:  one row per kind of touch, day, and group of customers alike in what they had bought before that day: how many order days, how
--         long ago, how dear
-- reads:  orders_order(customer_id, status, business_date, currency, total_minor, refunded_minor)
-- inputs: touched(kind, customer_id, touched_on)
-- params: currency VARCHAR, one_in INTEGER (of who was not touched, one customer in so many is looked at), within_days INTEGER
-- units:  touched and similar COUNT of customers, *_ordered COUNT of those with an order on the $within_days days after the day,
--         *_minor minor currency unit net of refunds that they ordered on those days
WITH day AS (
    SELECT DISTINCT touched.touched_on FROM touched
),
purchase AS (
    SELECT
        orders_order.customer_id,
        orders_order.business_date,
        CAST(sum(orders_order.total_minor - orders_order.refunded_minor) AS BIGINT) AS net_minor
    FROM orders_order
    WHERE
        orders_order.status NOT IN (0, 50)
        AND orders_order.currency = $currency
        AND orders_order.customer_id IS NOT NULL
        AND (
            orders_order.customer_id % $one_in = 0
            OR orders_order.customer_id IN (SELECT touched.customer_id FROM touched)
        )
    GROUP BY orders_order.customer_id, orders_order.business_date
),
seen AS (
    SELECT
        day.touched_on,
        purchase.customer_id,
        count(*) FILTER (WHERE purchase.business_date < day.touched_on) AS order_days,
        max(purchase.business_date) FILTER (WHERE purchase.business_date < day.touched_on) AS last_date,
        sum(purchase.net_minor) FILTER (WHERE purchase.business_date < day.touched_on) AS spent_minor,
        count(*) FILTER (WHERE purchase.business_date > day.touched_on) AS later_days,
        CAST(coalesce(sum(purchase.net_minor) FILTER (WHERE purchase.business_date > day.touched_on), 0) AS BIGINT)
            AS later_minor
    FROM day
    JOIN purchase ON date_diff('day', day.touched_on, purchase.business_date) <= $within_days
    GROUP BY day.touched_on, purchase.customer_id
),
described AS (
    SELECT
        seen.touched_on,
        seen.customer_id,
        seen.later_days > 0 AS has_ordered,
        seen.later_minor,
        CASE
            WHEN seen.order_days >= 6 THEN 6
            WHEN seen.order_days >= 3 THEN 3
            ELSE seen.order_days
        END AS often,
        CASE
            WHEN date_diff('day', seen.last_date, seen.touched_on) <= 7 THEN 7
            WHEN date_diff('day', seen.last_date, seen.touched_on) <= 30 THEN 30
            WHEN date_diff('day', seen.last_date, seen.touched_on) <= 60 THEN 60
            WHEN date_diff('day', seen.last_date, seen.touched_on) <= 120 THEN 120
            WHEN date_diff('day', seen.last_date, seen.touched_on) <= 240 THEN 240
            ELSE 365
        END AS ago,
        ntile(3) OVER (PARTITION BY seen.touched_on ORDER BY seen.spent_minor / seen.order_days, seen.customer_id) AS dear
    FROM seen
    WHERE seen.order_days > 0
),
untouched AS (
    SELECT
        described.touched_on,
        described.often,
        described.ago,
        described.dear,
        count(*) AS similar,
        count(*) FILTER (WHERE described.has_ordered) AS similar_ordered,
        CAST(sum(described.later_minor) AS BIGINT) AS similar_minor
    FROM described
    -- Whoever was touched a month before or after is no measure of what happens by itself.
    WHERE NOT EXISTS (
        SELECT 1
        FROM touched
        WHERE
            touched.customer_id = described.customer_id
            AND abs(date_diff('day', touched.touched_on, described.touched_on)) <= $within_days
    )
    GROUP BY described.touched_on, described.often, described.ago, described.dear
),
reached AS (
    SELECT
        touched.kind,
        described.touched_on,
        described.often,
        described.ago,
        described.dear,
        count(*) AS touched,
        count(*) FILTER (WHERE described.has_ordered) AS touched_ordered,
        CAST(sum(described.later_minor) AS BIGINT) AS touched_minor
    FROM touched
    JOIN described ON described.customer_id = touched.customer_id AND described.touched_on = touched.touched_on
    GROUP BY touched.kind, described.touched_on, described.often, described.ago, described.dear
)
SELECT
    reached.kind,
    reached.touched_on,
    reached.often,
    reached.ago,
    reached.dear,
    reached.touched,
    reached.touched_ordered,
    reached.touched_minor,
    coalesce(untouched.similar, 0) AS similar,
    coalesce(untouched.similar_ordered, 0) AS similar_ordered,
    coalesce(untouched.similar_minor, 0) AS similar_minor
FROM reached
LEFT JOIN untouched
    ON
        untouched.touched_on = reached.touched_on
        AND untouched.often = reached.often
        AND untouched.ago = reached.ago
        AND untouched.dear = reached.dear
ORDER BY reached.kind, reached.touched_on, reached.often, reached.ago, reached.dear
