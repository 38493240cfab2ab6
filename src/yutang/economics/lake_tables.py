"""Tables of economics that are published to the lake: who came through which programme and what became of them, and the ledger."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="economics_newcomer",
        sql="""
            SELECT n.id AS newcomer_id, p.key AS programme, n.customer_id AS customer_id, n.joined_at AS joined_at,
                n.joined_date AS joined_date, n.cost_fen AS cost_fen, n.revenue_fen AS revenue_fen,
                n.sales_fen AS sales_fen,
                n.first_sale_at AS first_sale_at, n.first_order_at AS first_order_at, n.outcome AS outcome, n.decided_at AS decided_at
            FROM economics_newcomer AS n
            JOIN economics_programme AS p ON p.id = n.programme_id
        """,
        columns={
            "newcomer_id": "int64",
            "programme": "string",
            "customer_id": "int64",
            "joined_at": "timestamp",
            "joined_date": "date",
            "cost_fen": "int64",
            "revenue_fen": "int64",
            "sales_fen": "int64",
            "first_sale_at": "timestamp",
            "first_order_at": "timestamp",
            "outcome": "string",
            "decided_at": "timestamp",
        },
        month_column="joined_date",
    )
)

PUBLISHED.register(
    PublishedTable(
        name="economics_entry",
        sql="""
            SELECT e.id AS entry_id, p.key AS programme, e.kind AS kind, e.customer_id AS customer_id, e.amount_fen AS amount_fen,
                e.at AS at, e.at_date AS at_date
            FROM economics_entry AS e
            JOIN economics_programme AS p ON p.id = e.programme_id
        """,
        columns={
            "entry_id": "int64",
            "programme": "string",
            "kind": "string",
            "customer_id": "int64",
            "amount_fen": "int64",
            "at": "timestamp",
            "at_date": "date",
        },
        month_column="at_date",
    )
)
