"""A lake written straight from rows, without an operational store."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from yutang.ingest.published import PUBLISHED
from yutang.lake.columns import schema_of
from yutang.lake.manifest import Manifest, PartitionFile, Snapshot
from yutang.lake.partitions import PartitionWriter

WRITTEN_AT = datetime(2024, 7, 1, tzinfo=UTC)


def write_lake(root: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Snapshot:
    """Write the files of a lake that holds these rows, and return it pinned.

    Columns that a row does not name are null, tables not named are empty. No manifest is written: a lake that is made for
    each example of a test would spend most of its time on them. Nothing but the answer knows of the files.
    """
    manifests = {}
    for table in PUBLISHED:
        given = rows.get(table.name)
        files = _files_of(root, table, given) if given else {}
        manifests[table.name] = Manifest(table.name, 1, dict(table.columns), table.declaration, files)
    version = f"1-{secrets.token_hex(4)}"
    return Snapshot(root=root, version=version, manifests=manifests, written_at=WRITTEN_AT.isoformat())


def _files_of(root: Path, table: Any, rows: Sequence[Mapping[str, Any]]) -> dict[str, PartitionFile]:
    schema = schema_of(table.columns)
    batch = pa.RecordBatch.from_pylist([{name: row.get(name) for name in table.columns} for row in rows], schema=schema)
    with PartitionWriter(
        root=root, table=table.name, schema=schema, month_column=table.month_column, sorted_by=table.sorted_by
    ) as writer:
        writer.write(batch)
        return writer.finish()
