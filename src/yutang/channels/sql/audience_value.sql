-- name:   channels.audience_value
-- grain:  one row per person of the audience who ever got something useful
-- uses:   channels.known_touches
-- reads:  none
-- inputs: audience(customer_id)
--         fresh_touch(touch_id, customer_id, channel, intent, content, state, touch_at)
-- params: moment TIMESTAMP (inclusive)
-- units:  value_touches COUNT
SELECT known_touches.customer_id, count(*) AS value_touches
FROM known_touches
INNER JOIN audience ON audience.customer_id = known_touches.customer_id
WHERE
    known_touches.intent = 'value'
    AND known_touches.state = 'sent'
    AND known_touches.touch_at <= CAST($moment AS TIMESTAMP)
GROUP BY known_touches.customer_id
ORDER BY known_touches.customer_id
