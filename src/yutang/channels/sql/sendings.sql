-- name:   channels.sendings
-- grain:  one row per message to a person that went out between two instants; of everybody, or of one in so many people
-- reads:  channels_touch(touch_id, customer_id, campaign, channel, intent, content, state, touch_at, expected_minor)
-- params: begin_at TIMESTAMP, end_at TIMESTAMP (exclusive), one_in BIGINT
-- units:  touch_at instant (UTC), expected_minor minor currency unit
SELECT customer_id, touch_at, campaign, channel, intent, content, expected_minor
FROM channels_touch
WHERE
    state = 'sent'
    AND customer_id IS NOT NULL
    AND touch_at >= CAST($begin_at AS TIMESTAMP)
    AND touch_at < CAST($end_at AS TIMESTAMP)
    AND customer_id % CAST($one_in AS BIGINT) = 0
ORDER BY customer_id, touch_at, touch_id
