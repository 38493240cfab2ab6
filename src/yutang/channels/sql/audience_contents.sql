-- name:   channels.audience_contents
-- grain:  one row per person of the audience who had a content or is to have it
-- uses:   channels.known_touches
-- reads:  none
-- inputs: audience(customer_id)
--         fresh_touch(touch_id, customer_id, channel, intent, content, state, touch_at)
-- params: content VARCHAR
-- units:  had_at instant (UTC)
SELECT known_touches.customer_id, max(known_touches.touch_at) AS had_at
FROM known_touches
INNER JOIN audience ON audience.customer_id = known_touches.customer_id
WHERE known_touches.content = $content
GROUP BY known_touches.customer_id
ORDER BY known_touches.customer_id
