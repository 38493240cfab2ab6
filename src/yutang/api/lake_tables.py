"""Events of other systems as a table of the lake: ids and facts; other properties than a product stay in the store."""

from yutang.api.lake_marks import months_of_new_events
from yutang.ingest.published import PUBLISHED, PublishedTable

PUBLISHED.register(
    PublishedTable(
        name="api_behaviour",
        sql="""
            SELECT b.id AS behaviour_id, b.customer_id AS customer_id, b.store_id AS store_id, b.source AS source,
                b.kind AS kind, b.happened_at AS happened_at, b.business_date AS business_date,
                COALESCE(b.properties ->> 'product_code', '') AS product_code
            FROM api_behaviour AS b
        """,
        columns={
            "behaviour_id": "int64",
            "customer_id": "int64",
            "store_id": "int64",
            "source": "string",
            "kind": "string",
            "happened_at": "timestamp",
            "business_date": "date",
            "product_code": "string",
        },
        month_column="business_date",
        not_marked=months_of_new_events,
    )
)
