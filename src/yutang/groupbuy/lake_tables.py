"""The tables of group-buying that are published to the lake: groups and seats, and what became of them; no names."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="groupbuy_group",
        sql="""
            SELECT g.id AS group_id, g.campaign_id AS campaign_id, c.code AS campaign, c.product AS product, g.size AS size,
                g.price_minor AS price_minor, c.currency AS currency, g.state AS state, g.paid AS paid,
                g.started_at AS started_at, g.started_date AS started_date, g.ends_at AS ends_at, g.ended_at AS ended_at
            FROM groupbuy_group AS g
            JOIN groupbuy_campaign AS c ON c.id = g.campaign_id
        """,
        columns={
            "group_id": "int64",
            "campaign_id": "int64",
            "campaign": "string",
            "product": "string",
            "size": "int64",
            "price_minor": "int64",
            "currency": "string",
            "state": "string",
            "paid": "int64",
            "started_at": "timestamp",
            "started_date": "date",
            "ends_at": "timestamp",
            "ended_at": "timestamp",
        },
        month_column="started_date",
    )
)
PUBLISHED.register(
    PublishedTable(
        name="groupbuy_seat",
        sql="""
            SELECT s.id AS seat_id, s.group_id AS group_id, s.campaign_id AS campaign_id, s.customer_id AS customer_id,
                s.state AS state, CASE WHEN s.is_newcomer THEN 1 ELSE 0 END AS is_newcomer, s.price_minor AS price_minor,
                s.joined_at AS joined_at,
                s.joined_date AS joined_date, s.paid_at AS paid_at, s.ended_at AS ended_at, s.store_id AS store_id,
                s.distance_km AS distance_km, s.invited_by_id AS invited_by_id
            FROM groupbuy_seat AS s
        """,
        columns={
            "seat_id": "int64",
            "group_id": "int64",
            "campaign_id": "int64",
            "customer_id": "int64",
            "state": "string",
            "is_newcomer": "int64",
            "price_minor": "int64",
            "joined_at": "timestamp",
            "joined_date": "date",
            "paid_at": "timestamp",
            "ended_at": "timestamp",
            "store_id": "int64",
            "distance_km": "int64",
            "invited_by_id": "int64",
        },
        month_column="joined_date",
    )
)
