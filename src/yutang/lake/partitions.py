"""Cutting a stream of rows into partitions and writing one Parquet file a partition, in bounded memory."""

from __future__ import annotations

import os
import secrets
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yutang.lake.damage import digest_of
from yutang.lake.manifest import PartitionFile

#: The partition of a table that has no month.
WHOLE = "all"
#: The partition of rows whose month is not known.
UNDATED = "none"

#: Rows of one partition that make one row group; DuckDB reads row groups in parallel.
_ROW_GROUP = 122_880
#: The same where rows lie side by side by a column: a question about one store reads few rows of others.
_SORTED_ROW_GROUP = 20_480
#: Rows kept back over all partitions before the fullest are written, and rows that are sorted at once: bounds the memory.
_KEPT_ROWS = 600_000


class PartitionWriter:
    """Takes batches in any order of partitions and writes one file a partition; use as a context manager.

    Args:
        root: folder of the lake.
        table: name of the table, and of its folder under the root.
        schema: columns of the files.
        month_column: name of the date column whose month is the partition; None puts all rows into one.
        sorted_by: name of the column by which rows lie side by side in a file, so that a reader who wants one value leaves
            most row groups out; None keeps the order in which they come. Files of more than 600,000 rows are sorted in parts of so many.
    """

    def __init__(
        self, *, root: Path, table: str, schema: pa.Schema, month_column: str | None, sorted_by: str | None = None
    ) -> None:
        self._folder = root / table
        self._root = root
        self._schema = schema
        self._month_column = month_column
        self._sorted_by = sorted_by
        self._token = secrets.token_hex(6)
        self._kept: dict[str, list[pa.RecordBatch]] = defaultdict(list)
        self._kept_rows: dict[str, int] = defaultdict(int)
        self._rows: dict[str, int] = defaultdict(int)
        self._parts: dict[str, int] = defaultdict(int)
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> PartitionWriter:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Take a batch of rows with the columns of the schema."""
        for partition, rows in _split(batch, self._month_column):
            self._kept[partition].append(rows)
            self._kept_rows[partition] += rows.num_rows
            if self._kept_rows[partition] >= self._rows_of_a_part:
                self._flush(partition)
        while sum(self._kept_rows.values()) > _KEPT_ROWS:
            self._flush(max(self._kept_rows, key=self._kept_rows.__getitem__))

    def finish(self) -> dict[str, PartitionFile]:
        """Write what is left, flush the files to disk and return them by partition."""
        for partition in list(self._kept):
            self._flush(partition)
        for writer in self._writers.values():
            writer.close()
        files = {}
        for partition in self._writers:
            path = self._path_of(partition)
            if self._sorted_by and self._parts[partition] > 1:
                self._sort_again(path)
            with path.open("rb") as file:
                os.fsync(file.fileno())
            name = path.relative_to(self._root).as_posix()
            size, digest = path.stat().st_size, digest_of(path)
            files[partition] = PartitionFile(file=name, rows=self._rows[partition], size_bytes=size, digest=digest)
        self._writers = {}
        return files

    def _flush(self, partition: str) -> None:
        batches = self._kept.pop(partition, [])
        self._kept_rows.pop(partition, None)
        rows = pa.Table.from_batches(batches, schema=self._schema)
        if not rows.num_rows:
            return
        if partition not in self._writers:
            self._writers[partition] = self._writer(self._path_of(partition))
        self._write_part(self._writers[partition], rows)
        self._rows[partition] += rows.num_rows
        self._parts[partition] += 1

    @property
    def _rows_of_a_part(self) -> int:
        return _KEPT_ROWS if self._sorted_by else _ROW_GROUP

    def _writer(self, path: Path) -> pq.ParquetWriter:
        return pq.ParquetWriter(path, self._schema, version="2.6", data_page_version="2.0", compression="zstd")

    def _write_part(self, writer: pq.ParquetWriter, rows: pa.Table) -> None:
        if not self._sorted_by:
            writer.write_table(rows, row_group_size=_ROW_GROUP)
            return
        # Arrow's sort is stable: rows of one value keep the order in which they came.
        writer.write_table(rows.sort_by(self._sorted_by), row_group_size=_SORTED_ROW_GROUP)

    def _sort_again(self, path: Path) -> None:
        """Write a file anew whose rows came in parts that memory had no room to wait with."""
        sorted_anew = path.with_stem(f"{path.stem}-sorted")
        with pq.ParquetFile(path) as written, self._writer(sorted_anew) as writer:
            for batch in written.iter_batches(batch_size=_KEPT_ROWS):
                self._write_part(writer, pa.Table.from_batches([batch], schema=self._schema))
        sorted_anew.replace(path)

    def _path_of(self, partition: str) -> Path:
        return self._folder / f"{partition}-{self._token}.parquet"


def _split(batch: pa.RecordBatch, month_column: str | None) -> list[tuple[str, pa.RecordBatch]]:
    """Return the rows of a batch by partition; the order of rows within a partition stays."""
    if not batch.num_rows:
        return []
    if month_column is None:
        return [(WHOLE, batch)]
    dates = batch.column(month_column)
    months = pc.add(pc.multiply(pc.year(dates), 12), pc.subtract(pc.month(dates), 1))
    keys = months.fill_null(-1).to_numpy(zero_copy_only=False)
    if keys[0] == keys[-1] and (keys == keys[0]).all():
        return [(_partition_name(int(keys[0])), batch)]
    order = np.argsort(keys, kind="stable")
    found, starts = np.unique(keys[order], return_index=True)
    ordered = batch.take(pa.array(order))
    ends = [*starts[1:], len(order)]
    return [
        (_partition_name(int(key)), ordered.slice(start, end - start))
        for key, start, end in zip(found, starts, ends, strict=True)
    ]


def _partition_name(month: int) -> str:
    """Return ``2026-11`` for months counted from the year 0."""
    return UNDATED if month < 0 else f"{month // 12:04d}-{month % 12 + 1:02d}"
