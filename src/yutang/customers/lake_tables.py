"""Tables of people that are published to the lake: ids and facts, nothing personal."""

from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="customers_customer",
        sql="""
            SELECT c.id AS customer_id, c.store_id AS store_id, c.owner_id AS owner_id, c.first_seen_at AS first_seen_at
            FROM customers_customer AS c
            WHERE c.merged_into_id IS NULL
        """,
        columns={"customer_id": "int64", "store_id": "int64", "owner_id": "int64", "first_seen_at": "timestamp"},
    )
)
