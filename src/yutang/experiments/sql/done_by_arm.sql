-- name:   experiments.done_by_arm
-- grain:  one row per measure, set of shares and arm: what the people of an experiment did in the days after they were drawn, from their
--         orders and their withdrawals of consent
-- uses:   experiments.member
-- reads:  orders_order(order_id, customer_id, status, placed_at, business_date, currency, total_minor, refunded_minor)
--         orders_refund(order_id, customer_id, refunded_at, business_date, currency, amount_minor)
--         customers_consent(customer_id, purpose, granted, occurred_at)
-- params: within_days INTEGER (days after the day of the draw that count), before_days INTEGER (days before it), as_of DATE
--         (exclusive), currency VARCHAR (value is counted in it)
-- units:  units and people COUNT; means and variances between units of y (after the draw), x (before it) and size (people): COUNT,
--         value minor currency unit net of what was given back before $as_of; days of withdrawals are those of UTC
WITH given_back_later AS (
    SELECT order_id, sum(amount_minor) AS later_minor
    FROM orders_refund
    WHERE order_id IS NOT NULL AND business_date >= CAST($as_of AS DATE)
    GROUP BY order_id
),
movement AS (
    SELECT
        member.assignment_id,
        member.customer_id,
        -- On the day of the draw itself the instant decides; without one the order counts as made before.
        sale.business_date > member.assigned_date
        OR (
            sale.business_date = member.assigned_date AND coalesce(sale.placed_at >= member.assigned_at, FALSE)
        ) AS is_after,
        1 AS orders,
        CASE
            WHEN sale.currency = $currency
                THEN
                    sale.total_minor
                    - sale.refunded_minor
                    + least(sale.refunded_minor, coalesce(given_back_later.later_minor, 0))
            ELSE 0
        END AS net_minor
    FROM member
    INNER JOIN orders_order AS sale ON sale.customer_id = member.customer_id
    LEFT JOIN given_back_later ON given_back_later.order_id = sale.order_id
    WHERE
        sale.status NOT IN (0, 50)
        AND date_diff('day', member.assigned_date, sale.business_date) BETWEEN -$before_days AND $within_days
    UNION ALL
    SELECT
        member.assignment_id,
        member.customer_id,
        refund.business_date > member.assigned_date
        OR (
            refund.business_date = member.assigned_date AND coalesce(refund.refunded_at >= member.assigned_at, FALSE)
        ) AS is_after,
        0 AS orders,
        -refund.amount_minor AS net_minor
    FROM member
    INNER JOIN orders_refund AS refund ON refund.customer_id = member.customer_id
    WHERE
        refund.order_id IS NULL
        AND refund.currency = $currency
        AND date_diff('day', member.assigned_date, refund.business_date) BETWEEN -$before_days AND $within_days
),
of_person AS (
    SELECT
        movement.assignment_id,
        movement.customer_id,
        sum(CASE WHEN movement.is_after THEN movement.orders ELSE 0 END) AS orders_after,
        sum(CASE WHEN movement.is_after THEN 0 ELSE movement.orders END) AS orders_before,
        sum(CASE WHEN movement.is_after THEN movement.net_minor ELSE 0 END) AS minor_after,
        sum(CASE WHEN movement.is_after THEN 0 ELSE movement.net_minor END) AS minor_before
    FROM movement
    GROUP BY movement.assignment_id, movement.customer_id
),
withdrawal AS (
    SELECT
        member.assignment_id,
        member.customer_id,
        max(CASE WHEN entry.occurred_at >= member.assigned_at THEN 1 ELSE 0 END) AS is_after,
        max(CASE WHEN entry.occurred_at < member.assigned_at THEN 1 ELSE 0 END) AS is_before
    FROM member
    INNER JOIN customers_consent AS entry ON entry.customer_id = member.customer_id
    WHERE
        entry.purpose = 'promotion'
        AND entry.granted = 0
        AND date_diff('day', member.assigned_date, CAST(entry.occurred_at AS DATE)) BETWEEN -$before_days AND $within_days
    GROUP BY member.assignment_id, member.customer_id
),
of_unit AS (
    SELECT
        member.assignment_id,
        member.arm,
        member.version,
        count(*) AS people,
        sum(CASE WHEN of_person.orders_after > 0 THEN 1 ELSE 0 END) AS bought_after,
        sum(CASE WHEN of_person.orders_before > 0 THEN 1 ELSE 0 END) AS bought_before,
        sum(coalesce(of_person.orders_after, 0)) AS orders_after,
        sum(coalesce(of_person.orders_before, 0)) AS orders_before,
        sum(coalesce(of_person.minor_after, 0)) AS minor_after,
        sum(coalesce(of_person.minor_before, 0)) AS minor_before,
        sum(coalesce(withdrawal.is_after, 0)) AS withdrew_after,
        sum(coalesce(withdrawal.is_before, 0)) AS withdrew_before
    FROM member
    LEFT JOIN of_person
        ON of_person.assignment_id = member.assignment_id AND of_person.customer_id = member.customer_id
    LEFT JOIN withdrawal
        ON withdrawal.assignment_id = member.assignment_id AND withdrawal.customer_id = member.customer_id
    GROUP BY member.assignment_id, member.arm, member.version
),
measured AS (
    SELECT
        'bought' AS measure,
        of_unit.arm,
        of_unit.version,
        of_unit.people,
        of_unit.bought_after AS y,
        of_unit.bought_before AS x
    FROM of_unit
    UNION ALL
    SELECT
        'orders' AS measure,
        of_unit.arm,
        of_unit.version,
        of_unit.people,
        of_unit.orders_after AS y,
        of_unit.orders_before AS x
    FROM of_unit
    UNION ALL
    SELECT
        'value' AS measure,
        of_unit.arm,
        of_unit.version,
        of_unit.people,
        of_unit.minor_after AS y,
        of_unit.minor_before AS x
    FROM of_unit
    UNION ALL
    SELECT
        'unsubscribed' AS measure,
        of_unit.arm,
        of_unit.version,
        of_unit.people,
        of_unit.withdrew_after AS y,
        of_unit.withdrew_before AS x
    FROM of_unit
)
SELECT
    measured.measure,
    measured.version,
    measured.arm,
    count(*) AS units,
    CAST(sum(measured.people) AS BIGINT) AS people,
    avg(CAST(measured.y AS DOUBLE)) AS y_mean,
    avg(CAST(measured.x AS DOUBLE)) AS x_mean,
    avg(CAST(measured.people AS DOUBLE)) AS size_mean,
    coalesce(var_samp(CAST(measured.y AS DOUBLE)), 0) AS y_var,
    coalesce(var_samp(CAST(measured.x AS DOUBLE)), 0) AS x_var,
    coalesce(var_samp(CAST(measured.people AS DOUBLE)), 0) AS size_var,
    coalesce(covar_samp(CAST(measured.y AS DOUBLE), CAST(measured.x AS DOUBLE)), 0) AS yx_cov,
    coalesce(covar_samp(CAST(measured.y AS DOUBLE), CAST(measured.people AS DOUBLE)), 0) AS y_size_cov,
    coalesce(covar_samp(CAST(measured.x AS DOUBLE), CAST(measured.people AS DOUBLE)), 0) AS x_size_cov
FROM measured
GROUP BY measured.measure, measured.version, measured.arm
ORDER BY measured.measure, measured.version, measured.arm
