-- name:   coupons.redeemed_by_arm
-- grain:  one row per measure, set of shares and arm: what the people of an experiment did in the days after they were drawn, from the
--         coupons that they redeemed
-- uses:   experiments.member
-- reads:  coupons_coupon(customer_id, state, redeemed_at, redeemed_date)
-- params: within_days INTEGER (days after the day of the draw that count), before_days INTEGER (days before it)
-- units:  units and people COUNT; means and variances between units of y (after the draw), x (before it) and size (people): COUNT
WITH redemption AS (
    SELECT
        member.assignment_id,
        member.customer_id,
        max(CASE WHEN coupon.redeemed_at >= member.assigned_at THEN 1 ELSE 0 END) AS is_after,
        max(CASE WHEN coupon.redeemed_at < member.assigned_at THEN 1 ELSE 0 END) AS is_before
    FROM member
    INNER JOIN coupons_coupon AS coupon ON coupon.customer_id = member.customer_id
    WHERE
        coupon.state = 'redeemed'
        AND date_diff('day', member.assigned_date, coupon.redeemed_date) BETWEEN -$before_days AND $within_days
    GROUP BY member.assignment_id, member.customer_id
),
measured AS (
    SELECT
        'redeemed' AS measure,
        member.arm,
        member.version,
        count(*) AS people,
        sum(coalesce(redemption.is_after, 0)) AS y,
        sum(coalesce(redemption.is_before, 0)) AS x
    FROM member
    LEFT JOIN redemption
        ON redemption.assignment_id = member.assignment_id AND redemption.customer_id = member.customer_id
    GROUP BY member.assignment_id, member.arm, member.version
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
