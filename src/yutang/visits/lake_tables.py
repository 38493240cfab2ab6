"""Tables of traffic and visits that are published to the lake; no codes."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="visits_footfall",
        sql="""
            SELECT f.id AS footfall_id, f.store_id AS store_id, f.business_date AS business_date,
                f.passers_by AS passers_by, f.entries AS entries
            FROM visits_footfall AS f
        """,
        columns={
            "footfall_id": "int64",
            "store_id": "int64",
            "business_date": "date",
            "passers_by": "int32",
            "entries": "int32",
        },
        month_column="business_date",
    )
)

PUBLISHED.register(
    PublishedTable(
        name="visits_ad_cost",
        sql="""
            SELECT a.id AS ad_cost_id, a.channel AS channel, a.campaign AS campaign, a.business_date AS business_date,
                a.currency AS currency, a.cost_minor AS cost_minor
            FROM visits_adcost AS a
        """,
        columns={
            "ad_cost_id": "int64",
            "channel": "string",
            "campaign": "string",
            "business_date": "date",
            "currency": "string",
            "cost_minor": "int64",
        },
        month_column="business_date",
    )
)

PUBLISHED.register(
    PublishedTable(
        name="visits_hook",
        sql="""
            SELECT h.id AS hook_id, h.customer_id AS customer_id, h.source AS source, h.store_id AS store_id,
                h.hook_minor AS hook_minor, h.currency AS currency, h.hooked_at AS hooked_at, h.hooked_date AS hooked_date,
                h.paid_at AS paid_at, h.refunded_at AS refunded_at
            FROM visits_hook AS h
        """,
        columns={
            "hook_id": "int64",
            "customer_id": "int64",
            "source": "string",
            "store_id": "int64",
            "hook_minor": "int64",
            "currency": "string",
            "hooked_at": "timestamp",
            "hooked_date": "date",
            "paid_at": "timestamp",
            "refunded_at": "timestamp",
        },
        month_column="hooked_date",
    )
)

PUBLISHED.register(
    PublishedTable(
        name="visits_booking",
        sql="""
            SELECT b.id AS booking_id, b.customer_id AS customer_id, b.store_id AS store_id, b.source AS source,
                b.state AS state, b.business_date AS business_date, b.starts_at AS starts_at, b.made_at AS made_at,
                b.came_at AS came_at, b.came_date AS came_date, b.offered_at AS offered_at
            FROM visits_booking AS b
        """,
        columns={
            "booking_id": "int64",
            "customer_id": "int64",
            "store_id": "int64",
            "source": "string",
            "state": "string",
            "business_date": "date",
            "starts_at": "timestamp",
            "made_at": "timestamp",
            "came_at": "timestamp",
            "came_date": "date",
            "offered_at": "timestamp",
        },
        month_column="business_date",
    )
)
