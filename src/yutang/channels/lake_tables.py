"""The table of reach that is published to the lake: who had what when, or is to have it."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="channels_touch",
        sql="""
            SELECT t.id AS touch_id, t.customer_id AS customer_id, t.group_key AS group_key, t.campaign AS campaign,
                t.channel AS channel, t.intent AS intent, t.content AS content, t.state AS state, t.at AS touch_at,
                t.business_date AS business_date, t.expected_minor AS expected_minor
            FROM channels_touch AS t
        """,
        columns={
            "touch_id": "int64",
            "customer_id": "int64",
            "group_key": "string",
            "campaign": "string",
            "channel": "string",
            "intent": "string",
            "content": "string",
            "state": "string",
            "touch_at": "timestamp",
            "business_date": "date",
            "expected_minor": "int64",
        },
        month_column="business_date",
    )
)
