-- name:   communities.member_lives
-- grain:  one row per person and state of a group in which the person is
-- reads:  communities_member(customer_id, life, left_at)
-- units:  life forming, alive, quiet, dying or dead, as of the last night
SELECT DISTINCT
    customer_id,
    life
FROM communities_member
WHERE left_at IS NULL
