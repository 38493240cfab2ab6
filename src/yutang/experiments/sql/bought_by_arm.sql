-- name:   experiments.bought_by_arm
-- grain:  one row per measure, set of shares and arm: what the people of an experiment did in the days after they were drawn, from their
--         orders
-- uses:   experiments.member, experiments.bought AS measured, experiments.arm_sums
-- reads:  none
-- units:  as in experiments.arm_sums
SELECT
    arm_sums.measure,
    arm_sums.version,
    arm_sums.arm,
    arm_sums.units,
    arm_sums.people,
    arm_sums.y_mean,
    arm_sums.x_mean,
    arm_sums.size_mean,
    arm_sums.y_var,
    arm_sums.x_var,
    arm_sums.size_var,
    arm_sums.yx_cov,
    arm_sums.y_size_cov,
    arm_sums.x_size_cov
FROM arm_sums
ORDER BY arm_sums.measure, arm_sums.version, arm_sums.arm
