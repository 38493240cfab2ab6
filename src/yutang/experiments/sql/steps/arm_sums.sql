-- name:   experiments.arm_sums
-- grain:  one row per measure, set of shares and arm
-- reads:  none
-- inputs: measured(measure, arm, version, people, y, x)
-- units:  units and people COUNT; means and variances of y (after the draw), x (before it) and size (people) between units, in the
--         unit of the measure
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
