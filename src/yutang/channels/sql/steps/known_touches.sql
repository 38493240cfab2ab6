-- name:   channels.known_touches
-- grain:  one row per message to a person that is planned or was sent; what changed after the figures were written is
--         as the store has it
-- reads:  channels_touch(touch_id, customer_id, channel, intent, content, state, touch_at)
-- inputs: fresh_touch(touch_id, customer_id, channel, intent, content, state, touch_at)
-- units:  touch_at instant (UTC)
SELECT kept.customer_id, kept.channel, kept.intent, kept.content, kept.state, kept.touch_at
FROM channels_touch AS kept
LEFT JOIN fresh_touch AS fresh ON fresh.touch_id = kept.touch_id
WHERE fresh.touch_id IS NULL AND kept.state IN ('planned', 'sent')
UNION ALL
SELECT customer_id, channel, intent, content, state, touch_at
FROM fresh_touch
WHERE state IN ('planned', 'sent')
