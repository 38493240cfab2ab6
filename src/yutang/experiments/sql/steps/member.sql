-- name:   experiments.member
-- grain:  one row per person of each unit that was drawn and whose days after the draw are over before $as_of; who was deleted or
--         merged into somebody else is left out
-- reads:  experiments_assignment(assignment_id, experiment_id, customer_id, arm, version, assigned_at, assigned_date)
--         experiments_groupmember(assignment_id, customer_id)
--         customers_customer(customer_id)
-- params: experiment BIGINT, within_days INTEGER (days after the day of the draw that count), as_of DATE (exclusive)
-- units:  arm 0 held out
WITH drawn AS (
    SELECT
        assignment.assignment_id,
        coalesce(assignment.customer_id, experiments_groupmember.customer_id) AS customer_id,
        assignment.arm,
        assignment.version,
        assignment.assigned_at,
        assignment.assigned_date
    FROM experiments_assignment AS assignment
    LEFT JOIN experiments_groupmember ON experiments_groupmember.assignment_id = assignment.assignment_id
    WHERE
        assignment.experiment_id = $experiment
        AND date_diff('day', assignment.assigned_date, CAST($as_of AS DATE)) > $within_days
)
SELECT
    drawn.assignment_id,
    drawn.customer_id,
    drawn.arm,
    drawn.version,
    drawn.assigned_at,
    drawn.assigned_date
FROM drawn
INNER JOIN customers_customer ON customers_customer.customer_id = drawn.customer_id
