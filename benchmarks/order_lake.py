"""A lake of made-up orders, the same at every run, for benchmarks that ask it: orders one file a month, customers, scores, stores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from yutang.lake.manifest import Manifest, PartitionFile, Snapshot

_TABLES = {
    "orders_order": """
        SELECT range AS order_id, 1 AS shop_id, CAST(range AS VARCHAR) AS number,
            1 + CAST(floor($customers * pow(random(), 2)) AS BIGINT) AS customer_id, range % 200 AS store_id,
            NULL AS staff_id, CASE WHEN random() < 0.05 THEN 50 ELSE 40 END AS status,
            CASE WHEN random() < 0.3 THEN 'live' WHEN random() < 0.5 THEN 'store' ELSE '' END AS channel,
            NULL AS placed_at, DATE '2026-06-30' - CAST(floor(720 * random()) AS INTEGER) AS business_date, 'CNY' AS currency,
            0 AS goods_minor, 0 AS shipping_minor, 1000 + CAST(50000 * random() AS BIGINT) AS total_minor,
            0 AS refunded_minor, 1 AS item_count
        FROM range($orders)
    """,
    "customers_customer": """
        SELECT 1 + range AS customer_id, range % 200 AS store_id, NULL AS owner_id, TIMESTAMP '2025-01-01' AS first_seen_at,
            CASE WHEN random() < 0.7 THEN 1 ELSE 0 END AS phones, 0 AS wecoms, 0 AS wechats, 0 AS emails, 0 AS member_nos
        FROM range($customers)
    """,
    "insight_score": """
        SELECT 1 + range AS customer_id, range % 200 AS store_id, 5 AS orders, 5 AS order_days, 1000 AS spend_minor,
            DATE '2025-01-01' AS first_order_date, DATE '2026-06-01' AS last_order_date, 1 AS r, 1 AS f, 1 AS m, 30 AS rhythm_days,
            CASE WHEN random() < 0.2 THEN 'loyal' WHEN random() < 0.4 THEN 'growing' ELSE 'lost' END AS stage
        FROM range($customers)
    """,
    "api_behaviour": """
        SELECT range AS behaviour_id, customer_id, range % 200 AS store_id, 'shop' AS source,
            CASE WHEN kind < 0.55 THEN 'viewed' WHEN kind < 0.75 THEN 'added_to_cart' WHEN kind < 0.85 THEN 'chatted'
                WHEN kind < 0.92 THEN 'bought' ELSE 'shared' END AS kind,
            happened_at, CAST(happened_at + INTERVAL 8 HOUR AS DATE) AS business_date, '' AS product_code
        FROM (
            SELECT range, 1 + CAST(floor($customers * pow(random(), 1.5)) AS BIGINT) AS customer_id, random() AS kind,
                TIMESTAMP '2026-03-31 16:00:00' + to_seconds(CAST(floor(91 * 86400 * random()) AS BIGINT)) AS happened_at
            FROM range($events)
        )
    """,
    "foundation_store": "SELECT range AS store_id, '' AS code, '' AS name, range % 8 AS region_id FROM range(200)",
}


def order_lake(*, orders: int, customers: int, root: Path, events: int = 0) -> Snapshot:
    """Write the tables as a lake and return it; Django must be set up.

    Args:
        orders: how many, over two years; the customers with low numbers bought more often. Count.
        customers: how many. Count.
        root: folder of the lake.
        events: of other systems, over the last 91 days. Count.
    """
    from django.utils import timezone

    from yutang.ingest.published import PUBLISHED
    from yutang.lake.manifest import Lake, Manifest

    given = {"orders": orders, "customers": customers, "events": events}
    manifests: dict[str, Manifest] = {}
    for table in PUBLISHED:
        (root / table.name).mkdir(parents=True)
        files = _files_of(table.name, dict(table.columns), given, root) if table.name in _TABLES else {}
        manifests[table.name] = Manifest(table.name, 1, dict(table.columns), table.declaration, files)
    lake = Lake(root)
    with lake.writing():
        return lake.swap(manifests=manifests, sync={}, now=timezone.now())


def _files_of(name: str, columns: dict[str, str], given: dict[str, int], root: Path) -> dict[str, PartitionFile]:
    from yutang.lake.columns import schema_of
    from yutang.lake.partitions import PartitionWriter

    used = {key: value for key, value in given.items() if f"${key}" in _TABLES[name]}
    schema = schema_of(columns)
    month = "business_date" if "business_date" in columns else None
    store = "store_id" if "store_id" in columns else None
    with (
        duckdb.connect() as connection,
        PartitionWriter(root=root, table=name, schema=schema, month_column=month, sorted_by=store) as writer,
    ):
        connection.execute("SELECT setseed(0.5)").fetchall()
        for batch in connection.sql(_TABLES[name], params=used or None).to_arrow_reader(200_000):
            writer.write(batch.select(schema.names).cast(schema))
        return writer.finish()
