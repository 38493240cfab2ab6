"""A lake written straight from rows, without an operational store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from yutang.ingest.published import PUBLISHED
from yutang.lake.columns import schema_of
from yutang.lake.manifest import Lake, Manifest, Snapshot
from yutang.lake.partitions import PartitionWriter

WRITTEN_AT = datetime(2024, 7, 1, tzinfo=UTC)


def write_lake(root: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Snapshot:
    """Write a lake that holds these rows; columns that a row does not name are null, tables not named are empty."""
    manifests = {}
    for table in PUBLISHED:
        schema = schema_of(table.columns)
        given = [{name: row.get(name) for name in table.columns} for row in rows.get(table.name, [])]
        batch = pa.RecordBatch.from_pylist(given, schema=schema)
        with PartitionWriter(root=root, table=table.name, schema=schema, month_column=table.month_column) as writer:
            writer.write(batch)
            files = writer.finish()
        manifests[table.name] = Manifest(table.name, 1, dict(table.columns), table.declaration, files)
    lake = Lake(root)
    with lake.writing():
        return lake.swap(manifests=manifests, sync={}, now=WRITTEN_AT)
