"""Tables of groups that are published to the lake: who is in which group and how alive it is, and how alive each was on each day."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="communities_member",
        sql="""
            SELECT m.id AS membership_id, k.customer_id AS customer_id, c.id AS community_id, c.store_id AS store_id,
                c.purpose AS purpose, c.life AS life, m.joined_at AS joined_at, m.left_at AS left_at
            FROM wecom_groupmember AS m
            JOIN wecom_contact AS k ON k.id = m.contact_id
            JOIN communities_community AS c ON c.group_id = m.group_id
            WHERE k.customer_id IS NOT NULL
        """,
        columns={
            "membership_id": "int64",
            "customer_id": "int64",
            "community_id": "int64",
            "store_id": "int64",
            "purpose": "string",
            "life": "string",
            "joined_at": "timestamp",
            "left_at": "timestamp",
        },
        follows=("wecom_groupmember", "wecom_contact"),
    )
)
PUBLISHED.register(
    PublishedTable(
        name="communities_vitality",
        sql="""
            SELECT v.community_id AS community_id, v.day AS business_date, v.members AS members, v.joined AS joined,
                v.left AS left_count, v.ordered AS ordered, v.wrote AS wrote, v.reacted AS reacted, v.clicked AS clicked,
                v.share AS share, v.low AS low, v.high AS high
            FROM communities_vitality AS v
        """,
        columns={
            "community_id": "int64",
            "business_date": "date",
            "members": "int64",
            "joined": "int64",
            "left_count": "int64",
            "ordered": "int64",
            "wrote": "int64",
            "reacted": "int64",
            "clicked": "int64",
            "share": "float64",
            "low": "float64",
            "high": "float64",
        },
        month_column="business_date",
    )
)
