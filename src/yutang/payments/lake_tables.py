"""The table of payments that is published to the lake: what was asked for, paid and given back, day by day; no payer."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="payments_payment",
        sql="""
            SELECT p.id AS payment_id, p.purpose AS purpose, p.adapter AS adapter, p.currency AS currency, p.state AS state,
                p.amount_minor AS amount_minor, p.refunded_minor AS refunded_minor, p.asked_date AS asked_date,
                p.paid_at AS paid_at
            FROM payments_payment AS p
        """,
        columns={
            "payment_id": "int64",
            "purpose": "string",
            "adapter": "string",
            "currency": "string",
            "state": "string",
            "amount_minor": "int64",
            "refunded_minor": "int64",
            "asked_date": "date",
            "paid_at": "timestamp",
        },
        month_column="asked_date",
    )
)
