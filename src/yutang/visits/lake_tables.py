"""Tables of traffic that are published to the lake."""

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
