"""DuckDB in the process: the engine of the embedded default."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection, Error, connect

from yutang.lake.engines.base import Dialect
from yutang.lake.engines.choosing import query_memory, query_threads

#: In which DuckDB tells sizes.
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")
#: Rows of one batch.
_ROWS_AT_ONCE = 1 << 18


class DuckDBSession:
    """An in-memory DuckDB that reads the lake's Parquet files.

    Args:
        spill_folder: where what does not fit into memory goes; made when it is needed.
    """

    def __init__(self, spill_folder: Path) -> None:
        self._connection: DuckDBPyConnection = connect(
            config={
                "memory_limit": query_memory(),
                "threads": query_threads() or os.cpu_count() or 1,
                "temp_directory": str(spill_folder),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self._kept: dict[str, pa.Table] = {}

    def publish(self, name: str, files: list[str], schema: pa.Schema) -> None:
        """Make Parquet files readable as a table; an empty table where there are none."""
        if files:
            self._connection.read_parquet(files).create_view(name)
        else:
            self._kept[name] = schema.empty_table()
            self._connection.register(name, self._kept[name])

    def lend(self, name: str, rows: pa.Table) -> None:
        """Make rows of this process readable as a table."""
        self._kept[name] = rows
        self._connection.register(name, rows)

    def take_back(self, name: str) -> None:
        """Forget lent rows."""
        self._connection.unregister(name)
        self._kept.pop(name, None)

    def define(self, statement: str) -> None:
        """Run a statement in the engine's own words."""
        self._connection.execute(statement)

    def execute(self, sql: str, params: Mapping[str, Any]) -> pa.Table:
        """Run one statement and return its rows."""
        relation = self._connection.sql(sql, params=dict(params)) if params else self._connection.sql(sql)
        return relation.to_arrow_table() if relation is not None else pa.table({})

    def batches(self, sql: str, params: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
        """Run one statement and yield its rows, some at a time."""
        yield from self._connection.sql(sql, params=dict(params)).to_arrow_reader(_ROWS_AT_ONCE)

    @property
    def memory_bytes(self) -> int:
        """What it may hold."""
        ((told,),) = self._connection.execute("SELECT current_setting('memory_limit')").fetchall()
        number, unit = str(told).split()
        return int(float(number) * 1024 ** _UNITS.index(unit))

    def close(self) -> None:
        """Give everything back."""
        self._connection.close()


DUCKDB = Dialect(
    name="duckdb",
    title="DuckDB",
    names={
        # Months counted from the year 0; date_diff('month') counts boundaries here and whole spans on Spark.
        "month_index": "CREATE MACRO month_index(day) AS (CAST(year(day) * 12 + month(day) - 1 AS INTEGER))",
        # Milliseconds since 1970 of an instant in UTC, later parts cut off.
        "instant_ms": "CREATE MACRO instant_ms(instant) AS (epoch_ms(instant))",
    },
    words=None,
    errors=(Error,),
    reach=lambda: None,
    open=DuckDBSession,
    is_near=True,
)
