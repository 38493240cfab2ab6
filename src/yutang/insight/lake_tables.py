"""Scores and values are published to the lake too: the next run finds what changed, segments join them."""

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

PUBLISHED.register(
    PublishedTable(
        name="insight_customer_value",
        sql="""
            SELECT v.customer_id AS customer_id, v.store_id AS store_id, v.p_alive AS p_alive,
                v.orders_365 AS orders_365, v.order_minor AS order_minor, v.value_minor AS value_minor,
                v.before_minor AS before_minor, v.next_order_date AS next_order_date,
                v.next_from_date AS next_from_date, v.next_to_date AS next_to_date
            FROM insight_customervalue AS v
        """,
        columns={
            "customer_id": "int64",
            "store_id": "int64",
            "p_alive": "float64",
            "orders_365": "float64",
            "order_minor": "int64",
            "value_minor": "int64",
            "before_minor": "int64",
            "next_order_date": "date",
            "next_from_date": "date",
            "next_to_date": "date",
        },
    )
)
