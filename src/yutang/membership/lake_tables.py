"""The ledger that is published to the lake: what came to, and went from, people's balances."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="membership_movement",
        sql="""
            SELECT m.id AS movement_id, m.customer_id AS customer_id, m.kind AS kind, m.currency AS currency,
                m.store_id AS store_id, m.at AS at, m.business_date AS business_date, m.till_minor AS till_minor,
                -m.principal_minor AS principal_minor, -m.bonus_minor AS bonus_minor, -m.sales_minor AS sales_minor
            FROM membership_movement AS m
        """,
        columns={
            "movement_id": "int64",
            "customer_id": "int64",
            "kind": "string",
            "currency": "string",
            "store_id": "int64",
            "at": "timestamp",
            "business_date": "date",
            "till_minor": "int64",
            "principal_minor": "int64",
            "bonus_minor": "int64",
            "sales_minor": "int64",
        },
        month_column="business_date",
    )
)
