-- name:   membership.hook_funnel
-- grain:  one row per programme, store (where the person came, else booked, else the offer is to be used; null: none) and currency:
--         how far those went who took up the offer in the period
-- reads:  visits_hook(customer_id, source, store_id, hook_minor, currency, hooked_date, paid_at, refunded_at),
--         visits_booking(booking_id, customer_id, store_id, source, state, made_at, came_at, came_date, offered_at),
--         orders_order(customer_id, store_id, status, placed_at, business_date, currency, total_minor, refunded_minor),
--         membership_movement(customer_id, kind, currency, at, business_date, till_minor)
-- params: since_date DATE (inclusive), until_date DATE (exclusive), within_days INTEGER (days after the visit in which a top-up counts)
-- units:  hooked, paid, booked, came, offered, upgraded and topped_up people COUNT, each of those before it but topped_up, which is of
--         those who came; paid_minor, upgrade_minor (net of refunds) and top_up_minor (principal) minor currency unit
WITH hook AS (
    SELECT
        source,
        customer_id,
        currency,
        max(store_id) AS store_id,
        max(hook_minor) AS hook_minor,
        min(CASE WHEN paid_at IS NOT NULL AND refunded_at IS NULL THEN paid_at END) AS paid_at,
        CAST(sum(CASE WHEN paid_at IS NOT NULL AND refunded_at IS NULL THEN hook_minor ELSE 0 END) AS BIGINT) AS paid_minor
    FROM visits_hook
    WHERE customer_id IS NOT NULL AND hooked_date >= $since_date AND hooked_date < $until_date
    GROUP BY source, customer_id, currency
),
visit AS (
    SELECT
        hook.source,
        hook.customer_id,
        hook.currency,
        visits_booking.store_id,
        visits_booking.came_at,
        visits_booking.came_date,
        CASE WHEN visits_booking.offered_at IS NULL THEN 0 ELSE 1 END AS is_offered,
        row_number() OVER (
            PARTITION BY hook.source, hook.customer_id, hook.currency
            ORDER BY
                CASE WHEN visits_booking.state = 'came' THEN 0 ELSE 1 END,
                visits_booking.came_at,
                visits_booking.made_at,
                visits_booking.booking_id
        ) AS place
    FROM hook
    INNER JOIN visits_booking
        ON visits_booking.customer_id = hook.customer_id
        AND visits_booking.source = hook.source
        AND visits_booking.made_at >= hook.paid_at
),
first_visit AS (
    SELECT
        source,
        customer_id,
        currency,
        store_id,
        came_at,
        came_date,
        is_offered
    FROM visit
    WHERE place = 1
),
upgrade AS (
    SELECT
        hook.source,
        hook.customer_id,
        hook.currency,
        CAST(sum(orders_order.total_minor - orders_order.refunded_minor) AS BIGINT) AS upgrade_minor
    FROM hook
    INNER JOIN first_visit
        ON first_visit.source = hook.source
        AND first_visit.customer_id = hook.customer_id
        AND first_visit.currency = hook.currency
    INNER JOIN orders_order
        ON orders_order.customer_id = hook.customer_id
        AND orders_order.store_id = first_visit.store_id
        AND orders_order.business_date = first_visit.came_date
        AND orders_order.currency = hook.currency
    WHERE
        first_visit.came_at IS NOT NULL
        AND orders_order.status NOT IN (0, 50)
        AND (orders_order.placed_at IS NULL OR orders_order.placed_at >= first_visit.came_at)
        AND orders_order.total_minor - orders_order.refunded_minor > hook.hook_minor
    GROUP BY hook.source, hook.customer_id, hook.currency
),
top_up AS (
    SELECT
        first_visit.source,
        first_visit.customer_id,
        first_visit.currency,
        CAST(sum(membership_movement.till_minor) AS BIGINT) AS top_up_minor
    FROM first_visit
    INNER JOIN membership_movement
        ON membership_movement.customer_id = first_visit.customer_id
        AND membership_movement.currency = first_visit.currency
    WHERE
        first_visit.came_at IS NOT NULL
        AND membership_movement.kind = 'top_up'
        AND membership_movement.at >= first_visit.came_at
        AND date_diff('day', first_visit.came_date, membership_movement.business_date) <= $within_days
    GROUP BY first_visit.source, first_visit.customer_id, first_visit.currency
)
SELECT
    hook.source,
    coalesce(first_visit.store_id, hook.store_id) AS store_id,
    hook.currency,
    count(*) AS hooked,
    count(hook.paid_at) AS paid,
    count(first_visit.customer_id) AS booked,
    count(first_visit.came_at) AS came,
    CAST(coalesce(sum(CASE WHEN first_visit.came_at IS NULL THEN 0 ELSE first_visit.is_offered END), 0) AS BIGINT) AS offered,
    count(upgrade.customer_id) AS upgraded,
    count(top_up.customer_id) AS topped_up,
    CAST(sum(hook.paid_minor) AS BIGINT) AS paid_minor,
    CAST(coalesce(sum(upgrade.upgrade_minor), 0) AS BIGINT) AS upgrade_minor,
    CAST(coalesce(sum(top_up.top_up_minor), 0) AS BIGINT) AS top_up_minor
FROM hook
LEFT JOIN first_visit
    ON first_visit.source = hook.source
    AND first_visit.customer_id = hook.customer_id
    AND first_visit.currency = hook.currency
LEFT JOIN upgrade
    ON upgrade.source = hook.source AND upgrade.customer_id = hook.customer_id AND upgrade.currency = hook.currency
LEFT JOIN top_up
    ON top_up.source = hook.source AND top_up.customer_id = hook.customer_id AND top_up.currency = hook.currency
GROUP BY hook.source, coalesce(first_visit.store_id, hook.store_id), hook.currency
ORDER BY hook.source, store_id, hook.currency
