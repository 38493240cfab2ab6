"""The table of referral that is published to the lake: who came by whose invitation, and what became of it."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="referral_invitation",
        sql="""
            SELECT i.id AS invitation_id, i.programme_id AS programme_id, i.inviter_customer_id AS inviter_id,
                i.friend_id AS customer_id, i.state AS state, i.came_at AS came_at, i.came_date AS came_date,
                i.done_at AS done_at, i.order_id AS order_id
            FROM referral_invitation AS i
        """,
        columns={
            "invitation_id": "int64",
            "programme_id": "int64",
            "inviter_id": "int64",
            "customer_id": "int64",
            "state": "string",
            "came_at": "timestamp",
            "came_date": "date",
            "done_at": "timestamp",
            "order_id": "int64",
        },
        month_column="came_date",
    )
)
