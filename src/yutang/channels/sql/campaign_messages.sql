-- name:   channels.campaign_messages
-- grain:  one row per campaign or playbook that has sent something to people
-- reads:  channels_touch(customer_id, campaign, state)
-- units:  messages COUNT that went out, ever
SELECT campaign, count(*) AS messages
FROM channels_touch
WHERE state = 'sent' AND customer_id IS NOT NULL AND campaign <> ''
GROUP BY campaign
ORDER BY campaign
