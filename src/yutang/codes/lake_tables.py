"""Who came by channel codes, as it is published to the lake: by person, with how long they stayed; no names."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="codes_newcomer",
        sql="""
            SELECT n.id AS newcomer_id, n.code_id AS code_id, n.spot_id AS spot_id, n.customer_id AS customer_id,
                n.account_id AS account_id, n.store_id AS store_id, c.kind AS kind, c.currency AS currency,
                CASE WHEN n.was_known THEN 1 ELSE 0 END AS was_known,
                n.added_at AS added_at, n.added_date AS added_date, n.left_at AS left_at,
                n.joined_group_at AS joined_group_at, n.verdict AS verdict, n.cost_minor AS cost_minor
            FROM codes_newcomer AS n
            JOIN codes_code AS c ON c.id = n.code_id
        """,
        columns={
            "newcomer_id": "int64",
            "code_id": "int64",
            "spot_id": "int64",
            "customer_id": "int64",
            "account_id": "int64",
            "store_id": "int64",
            "kind": "string",
            "currency": "string",
            "was_known": "int16",
            "added_at": "timestamp",
            "added_date": "date",
            "left_at": "timestamp",
            "joined_group_at": "timestamp",
            "verdict": "string",
            "cost_minor": "int64",
        },
        month_column="added_date",
    )
)

PUBLISHED.register(
    PublishedTable(
        name="codes_cost",
        sql="""
            SELECT p.id AS cost_id, p.code_id AS code_id, p.spot_id AS spot_id, c.currency AS currency,
                p.business_date AS business_date, p.amount_minor AS amount_minor
            FROM codes_cost AS p
            JOIN codes_code AS c ON c.id = p.code_id
        """,
        columns={
            "cost_id": "int64",
            "code_id": "int64",
            "spot_id": "int64",
            "currency": "string",
            "business_date": "date",
            "amount_minor": "int64",
        },
        month_column="business_date",
    )
)
