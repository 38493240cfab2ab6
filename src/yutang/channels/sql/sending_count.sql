-- name:   channels.sending_count
-- grain:  one row
-- reads:  channels_touch(customer_id, state, touch_at)
-- params: begin_at TIMESTAMP, end_at TIMESTAMP (exclusive)
-- units:  sendings COUNT of messages to people that went out
SELECT count(*) AS sendings
FROM channels_touch
WHERE
    state = 'sent'
    AND customer_id IS NOT NULL
    AND touch_at >= CAST($begin_at AS TIMESTAMP)
    AND touch_at < CAST($end_at AS TIMESTAMP)
