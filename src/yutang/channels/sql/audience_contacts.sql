-- name:   channels.audience_contacts
-- grain:  one row per message to a person of the audience since an instant, planned or sent; transactional ones are none
-- uses:   channels.known_touches
-- reads:  none
-- inputs: audience(customer_id)
--         fresh_touch(touch_id, customer_id, channel, intent, content, state, touch_at)
-- params: since TIMESTAMP (exclusive)
-- units:  touch_at instant (UTC)
SELECT
    known_touches.customer_id,
    known_touches.channel,
    known_touches.intent,
    known_touches.state = 'planned' AS is_planned,
    known_touches.touch_at
FROM known_touches
INNER JOIN audience ON audience.customer_id = known_touches.customer_id
WHERE known_touches.touch_at > CAST($since AS TIMESTAMP) AND known_touches.intent <> 'transactional'
