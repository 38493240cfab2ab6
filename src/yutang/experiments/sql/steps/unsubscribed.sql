-- name:   experiments.unsubscribed
-- grain:  one row per unit: how many of its people withdrew their consent to promotion
-- reads:  customers_consent(customer_id, purpose, granted, occurred_at)
-- inputs: member(assignment_id, customer_id, arm, version, assigned_at, assigned_date)
-- params: within_days INTEGER (days after the day of the draw that count), before_days INTEGER (days before it)
-- units:  people COUNT; y after the draw, x before it: COUNT; days are those of UTC
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
)
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
