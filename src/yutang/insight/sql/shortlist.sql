-- name:   insight.shortlist
-- grain:  one row per customer who gets a proposal: of several reasons the one with the highest rank, the best of each store
-- inputs: candidate(place, kind, customer_id, store_id, token, rank, is_fresh)
--         proposed(kind, customer_id, token)
--         resting(customer_id)
-- reads:  insight_score(customer_id)
-- params: per_store INTEGER (customers)
-- units:  place the row among the candidates of its kind, rank minor currency unit that a touch is expected to bring
WITH fresh AS (
    SELECT candidate.place, candidate.kind, candidate.customer_id, candidate.store_id, candidate.rank
    FROM candidate
    -- Whom an undone import took away since the scores is no customer any more.
    JOIN insight_score AS score ON score.customer_id = candidate.customer_id
    WHERE
        candidate.is_fresh
        AND candidate.customer_id NOT IN (SELECT resting.customer_id FROM resting)
        AND NOT EXISTS (
            SELECT 1
            FROM proposed
            WHERE
                proposed.kind = candidate.kind
                AND proposed.customer_id = candidate.customer_id
                AND (proposed.token IS NULL OR proposed.token = candidate.token)
        )
    QUALIFY
        row_number() OVER (PARTITION BY candidate.customer_id ORDER BY candidate.rank DESC, candidate.kind) = 1
)
SELECT fresh.place, fresh.kind, fresh.customer_id, fresh.rank
FROM fresh
QUALIFY row_number() OVER (PARTITION BY fresh.store_id ORDER BY fresh.rank DESC, fresh.customer_id) <= $per_store
ORDER BY fresh.rank DESC, fresh.customer_id
