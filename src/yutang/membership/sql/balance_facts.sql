-- name:   membership.balance_facts
-- grain:  one row per known person with something left of a prepaid balance in yuan
-- reads:  membership_movement(customer_id, currency, principal_minor, bonus_minor)
-- units:  principal_minor, bonus_minor and balance_minor minor currency unit
SELECT
    customer_id,
    CAST(sum(principal_minor) AS BIGINT) AS principal_minor,
    CAST(sum(bonus_minor) AS BIGINT) AS bonus_minor,
    CAST(sum(principal_minor + bonus_minor) AS BIGINT) AS balance_minor
FROM membership_movement
WHERE customer_id IS NOT NULL AND currency = 'CNY'
GROUP BY customer_id
HAVING sum(principal_minor + bonus_minor) > 0
