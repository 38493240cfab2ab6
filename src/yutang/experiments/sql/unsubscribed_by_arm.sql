-- name:   experiments.unsubscribed_by_arm
-- grain:  one row per measure, set of shares and arm: what the people of an experiment did in the days after they were drawn, from their
--         withdrawals of consent
-- uses:   experiments.member
-- reads:  customers_consent(customer_id, purpose, granted, occurred_at)
-- params: within_days INTEGER (days after the day of the draw that count), before_days INTEGER (days before it)
-- units:  units and people COUNT; means and variances between units of y (after the draw), x (before it) and size (people): COUNT,
--         days are those of UTC
WITH withdrawal AS (
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
measured AS (
    SELECT
        'unsubscribed' AS measure,
        member.arm,
        member.version,
        count(*) AS people,
        sum(coalesce(withdrawal.is_after, 0)) AS y,
        sum(coalesce(withdrawal.is_before, 0)) AS x
    FROM member
    LEFT JOIN withdrawal
        ON withdrawal.assignment_id = member.assignment_id AND withdrawal.customer_id = member.customer_id
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
