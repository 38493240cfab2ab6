-- name:   channels.value_before
-- grain:  one row per person of the audience who had something useful before an instant
-- reads:  channels_touch(customer_id, intent, state, touch_at)
-- inputs: audience(customer_id)
-- params: begin_at TIMESTAMP (exclusive)
-- units:  value_touches COUNT
SELECT touch.customer_id, count(*) AS value_touches
FROM channels_touch AS touch
INNER JOIN audience ON audience.customer_id = touch.customer_id
WHERE touch.intent = 'value' AND touch.state = 'sent' AND touch.touch_at < CAST($begin_at AS TIMESTAMP)
GROUP BY touch.customer_id
ORDER BY touch.customer_id
