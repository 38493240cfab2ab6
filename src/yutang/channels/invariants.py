"""What must hold of messages: each goes out once at most, and what is known of it never contradicts itself."""

from yutang.foundation.invariants import register
from yutang.kit.text import N_

register(
    "channels.once",
    N_("No message was handed over twice"),
    table="channels_touch",
    looked="SELECT COUNT(*) FROM channels_delivery",
    # Only what the platform has certainly not sent is put off, and may be handed over anew.
    broken="""
        SELECT touch_id AS id FROM channels_deliverystep GROUP BY touch_id
        HAVING SUM(CASE WHEN state = 'handing' THEN 1 ELSE 0 END) > 1 + SUM(CASE WHEN state = 'put_off' THEN 1 ELSE 0 END)
            OR SUM(CASE WHEN state = 'created' THEN 1 ELSE 0 END) > 1 + SUM(CASE WHEN state = 'put_off' THEN 1 ELSE 0 END)
            OR SUM(CASE WHEN state = 'delivered' THEN 1 ELSE 0 END) > 1
    """,
)

register(
    "channels.states",
    N_("Whether each message counts as sent is what its way says"),
    table="channels_touch",
    broken="""
        SELECT t.id FROM channels_touch t JOIN channels_delivery d ON d.touch_id = t.id
        WHERE (d.state IN ('claimed', 'handing', 'created', 'notified', 'confirmed', 'delivered', 'unknown') AND t.state <> 'sent')
            OR (d.state IN ('quota_refused', 'not_a_friend', 'failed') AND t.state <> 'failed')
            OR (d.state = 'put_off' AND t.state NOT IN ('planned', 'refused'))
    """,
)

register(
    "channels.steps",
    N_("The last step of each message is where it stands"),
    table="channels_touch",
    looked="SELECT COUNT(*) FROM channels_delivery",
    broken="""
        SELECT d.touch_id AS id FROM channels_delivery d
        JOIN (SELECT touch_id, MAX(id) AS latest FROM channels_deliverystep GROUP BY touch_id) l ON l.touch_id = d.touch_id
        JOIN channels_deliverystep s ON s.id = l.latest
        WHERE s.state <> d.state
    """,
)

register(
    "channels.quota",
    N_("Nobody got more messages than places of the platform's quota were taken for"),
    table="channels_touch",
    looked="SELECT COUNT(*) FROM channels_quotause",
    # Of people who were merged each brings the places of its own; the platform may know of more than went out from here.
    broken="""
        SELECT sent.id FROM (
            SELECT COALESCE(c.merged_into_id, t.customer_id, 0) AS person, t.group_key, t.slot, COUNT(*) AS messages, MIN(t.id) AS id
            FROM channels_touch t LEFT JOIN customers_customer c ON c.id = t.customer_id
            WHERE t.slot <> '' AND t.state = 'sent' GROUP BY 1, 2, 3
        ) sent
        LEFT JOIN (
            SELECT COALESCE(c.merged_into_id, q.customer_id, 0) AS person, q.group_key, q.slot, SUM(q.used) AS used
            FROM channels_quotause q LEFT JOIN customers_customer c ON c.id = q.customer_id GROUP BY 1, 2, 3
        ) places ON places.person = sent.person AND places.group_key = sent.group_key AND places.slot = sent.slot
        WHERE sent.messages > COALESCE(places.used, 0)
    """,
)
