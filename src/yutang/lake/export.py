"""Operational store to Parquet, in a child process: ``python -m yutang.lake.export``.

A second SQLite library inside a process that holds the database open drops its file locks and loses commits, so the
process that serves or works never reads the store this way itself: it describes the export and starts a child.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

import yutang
from yutang.lake.columns import schema_of
from yutang.lake.manifest import PartitionFile, flush_new_files
from yutang.lake.partitions import PartitionWriter

#: Rows that the SQLite driver hands over at once.
_BATCH_ROWS = 65_536


class ExportFailed(Exception):
    """The child ended without a result; the message holds what it said last, SQL included."""


@dataclass(frozen=True)
class Store:
    """The operational store to read.

    Attributes:
        dialect: ``"sqlite"`` or ``"postgres"``.
        address: path of the SQLite file, or PostgreSQL URI; it may hold a password, so it never is an argument.
    """

    dialect: str
    address: str


@dataclass(frozen=True)
class Extract:
    """One table to export.

    Attributes:
        table: name of the published table.
        sql: the SELECT in the store's dialect; on SQLite text, dates and instants come as text, empty for null. No values are bound:
            with them PostgreSQL's driver would hold the whole answer.
        columns: ``{name: type}`` in the order of the SELECT, types of `columns.ARROW_TYPES`.
        month_column: date column whose month is the partition, or None.
        sorted_by: column by which rows lie side by side in a file, or None.
    """

    table: str
    sql: str
    columns: Mapping[str, str]
    month_column: str | None
    sorted_by: str | None = None


def run_export(*, store: Store, extracts: Sequence[Extract], root: Path) -> dict[str, dict[str, PartitionFile]]:
    """Export the tables in a child process, all in one read transaction, and return their new files by partition.

    Nothing that a reader sees changes: the files lie beside the current ones until a manifest names them.

    Raises:
        ExportFailed: the child failed or was killed.
    """
    order = {"store": asdict(store), "extracts": [asdict(each) for each in extracts], "root": str(root)}
    child = _child(json.dumps(order))
    if child.returncode:
        raise ExportFailed(f"the export ended with code {child.returncode}:\n{child.stderr[-4000:]}")
    result = json.loads(child.stdout)
    return {table: {name: PartitionFile(**file) for name, file in files.items()} for table, files in result.items()}


def _child(order: str) -> subprocess.CompletedProcess[str]:
    """Let a child process export, and return what it said when it has ended."""
    source = str(Path(yutang.__file__).parent.parent)
    path = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-m", "yutang.lake.export"],
        input=order,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )


def main() -> None:
    """Read the order from standard input, export, and write the result to standard output."""
    order = json.load(sys.stdin)
    root = Path(order["root"])
    store = Store(**order["store"])
    result: dict[str, dict[str, Any]] = {}
    with _connection(store) as connection:
        for each in order["extracts"]:
            files = _export(connection, store, Extract(**each), root)
            result[each["table"]] = {partition: asdict(file) for partition, file in files.items()}
            flush_new_files([root / file.file for file in files.values()])
    json.dump(result, sys.stdout)


def _connection(store: Store) -> Any:
    """Return an open ADBC connection that reads one unchanging state of the store."""
    if store.dialect == "sqlite":
        from adbc_driver_sqlite import dbapi as sqlite

        return sqlite.connect(f"file:{quote(store.address)}?mode=ro")
    from adbc_driver_postgresql import dbapi as postgresql

    connection = postgresql.connect(store.address)
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    return connection


def _export(connection: Any, store: Store, extract: Extract, root: Path) -> dict[str, PartitionFile]:
    schema = schema_of(extract.columns)
    writer = PartitionWriter(
        root=root,
        table=extract.table,
        schema=schema,
        month_column=extract.month_column,
        sorted_by=extract.sorted_by,
    )
    with writer:
        try:
            for batch in _batches(connection, store, extract):
                writer.write(_typed(batch, schema))
        except Exception as error:
            error.add_note(f"exporting {extract.table}: {extract.sql}")
            raise
        return writer.finish()


def _batches(connection: Any, store: Store, extract: Extract) -> Iterator[pa.RecordBatch]:
    with connection.cursor() as cursor:
        if store.dialect == "sqlite":
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": _BATCH_ROWS})
        cursor.execute(extract.sql)
        yield from cursor.fetch_record_batch()


def _typed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch in the declared types; SQLite's empty text becomes null where the type is not text."""
    arrays = []
    for given, field in zip(batch.columns, schema, strict=True):
        array = given
        if pa.types.is_string(array.type) and not pa.types.is_string(field.type):
            array = pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)
        if pa.types.is_timestamp(array.type) and array.type.tz:
            array = array.cast(pa.timestamp("us", array.type.tz)).cast(pa.timestamp("us"))
        arrays.append(array.cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


if __name__ == "__main__":
    main()
