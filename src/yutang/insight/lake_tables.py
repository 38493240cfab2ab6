"""Scores are published to the lake too: the next run finds what changed, segments join them."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="insight_score",
        sql="""
            SELECT s.customer_id AS customer_id, s.store_id AS store_id, s.orders AS orders, s.order_days AS order_days,
                s.spend_minor AS spend_minor, s.first_order_date AS first_order_date,
                s.last_order_date AS last_order_date, s.r AS r, s.f AS f, s.m AS m, s.rhythm_days AS rhythm_days,
                s.stage AS stage
            FROM insight_score AS s
        """,
        columns={
            "customer_id": "int64",
            "store_id": "int64",
            "orders": "int32",
            "order_days": "int32",
            "spend_minor": "int64",
            "first_order_date": "date",
            "last_order_date": "date",
            "r": "int16",
            "f": "int16",
            "m": "int16",
            "rhythm_days": "int32",
            "stage": "string",
        },
    )
)
