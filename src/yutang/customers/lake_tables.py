"""Tables of people that are published to the lake: ids and facts, nothing personal."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="customers_customer",
        sql="""
            SELECT c.id AS customer_id, c.store_id AS store_id, c.owner_id AS owner_id, c.first_seen_at AS first_seen_at,
                COALESCE(k.phones, 0) AS phones, COALESCE(k.wecoms, 0) AS wecoms, COALESCE(k.wechats, 0) AS wechats,
                COALESCE(k.emails, 0) AS emails, COALESCE(k.member_nos, 0) AS member_nos
            FROM customers_customer AS c
            LEFT JOIN (
                SELECT i.customer_id,
                    SUM(CASE WHEN i.kind = 'phone' THEN 1 ELSE 0 END) AS phones,
                    SUM(CASE WHEN i.kind = 'wecom' THEN 1 ELSE 0 END) AS wecoms,
                    SUM(CASE WHEN i.kind IN ('unionid', 'openid') THEN 1 ELSE 0 END) AS wechats,
                    SUM(CASE WHEN i.kind = 'email' THEN 1 ELSE 0 END) AS emails,
                    SUM(CASE WHEN i.kind = 'member_no' THEN 1 ELSE 0 END) AS member_nos
                FROM customers_identifier AS i
                GROUP BY i.customer_id
            ) AS k ON k.customer_id = c.id
            WHERE c.merged_into_id IS NULL
        """,
        columns={
            "customer_id": "int64",
            "store_id": "int64",
            "owner_id": "int64",
            "first_seen_at": "timestamp",
            "phones": "int32",
            "wecoms": "int32",
            "wechats": "int32",
            "emails": "int32",
            "member_nos": "int32",
        },
    )
)

PUBLISHED.register(
    PublishedTable(
        name="customers_tag",
        sql="""
            SELECT t.customer_id AS customer_id, t.tag_id AS tag_id, t.given_at AS given_at, t.expires_at AS expires_at
            FROM customers_customertag AS t
        """,
        columns={"customer_id": "int64", "tag_id": "int64", "given_at": "timestamp", "expires_at": "timestamp"},
    )
)

PUBLISHED.register(
    PublishedTable(
        name="customers_consent",
        sql="""
            SELECT e.id AS consent_id, e.customer_id AS customer_id, e.purpose AS purpose, e.channel AS channel,
                CASE WHEN e.granted THEN 1 ELSE 0 END AS granted, e.occurred_at AS occurred_at
            FROM customers_consent AS e
        """,
        columns={
            "consent_id": "int64",
            "customer_id": "int64",
            "purpose": "string",
            "channel": "string",
            "granted": "int16",
            "occurred_at": "timestamp",
        },
    )
)
