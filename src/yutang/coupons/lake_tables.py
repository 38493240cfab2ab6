"""The table of coupons that is published to the lake: who had which when, and what became of it; no codes."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="coupons_coupon",
        sql="""
            SELECT c.id AS coupon_id, c.customer_id AS customer_id, k.code AS kind, k.currency AS currency, c.state AS state,
                c.campaign AS campaign, c.given_at AS given_at, c.given_date AS given_date, c.last_date AS last_date,
                c.redeemed_at AS redeemed_at, c.redeemed_date AS redeemed_date, c.store_id AS store_id,
                c.off_minor AS off_minor, c.order_minor AS order_minor
            FROM coupons_coupon AS c
            JOIN coupons_kind AS k ON k.id = c.kind_id
        """,
        columns={
            "coupon_id": "int64",
            "customer_id": "int64",
            "kind": "string",
            "currency": "string",
            "state": "string",
            "campaign": "string",
            "given_at": "timestamp",
            "given_date": "date",
            "last_date": "date",
            "redeemed_at": "timestamp",
            "redeemed_date": "date",
            "store_id": "int64",
            "off_minor": "int64",
            "order_minor": "int64",
        },
        month_column="given_date",
    )
)
