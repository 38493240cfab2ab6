"""Where staged rows lie until they are loaded: shelves, which are sorted when they are read.

Rows whose group is several rows long lie on one shelf, sorted by group. Where each row is a group, rows are spread over
shelves by whoever they are about, so that a person is read and written once an import, not once a batch; a shelf is
sorted within the memory of a batch, and shelves are independent of each other.
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.reading.regrouping import regrouped

Numbers = np.ndarray[Any, np.dtype[np.int64]]

#: Shelves over which rows are spread: so many that a shelf of ten million rows is less than a batch.
SHELVES = 256
#: Shelves of imports that were begun before there were cells: they go on being cut where they were.
SHELVES_BEFORE_CELLS = 64
#: Cells of a shelf. Batches are made of whole shelves, or of whole cells of a larger one: nobody is in two of them.
CELLS = 16
#: Rows that are spread together: fewer would lie on the shelves in smaller pieces, which are slow to read.
_ROWS_TOGETHER = 131_072
#: So many rows are not worth spreading.
ROWS_ON_ONE_SHELF = 40_000
#: Memory that sorting may use before it spills to disk.
SORT_MEMORY = "224MB"

#: Columns of a staged row that do not tell of its content.
_NOT_CONTENT = {"row_number", "amount_minor"}
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True)
class StagedRows:
    """The rows to load of one sheet.

    Attributes:
        folder: where the shelves lie.
        counts: rows of each cell, shelf by shelf.
        cells: how many cells a shelf has.
        group_key: column whose equal rows belong together; None: rows are read as they came.
        near: columns that tell who a row is about, the surest first; rows are spread and sorted by them.
        batch_rows: about how many rows are loaded at a time. Kept with the rows, so that every process cuts at the same places.
    """

    folder: Path
    counts: Sequence[int]
    cells: int
    group_key: str | None
    near: tuple[str, ...]
    batch_rows: int

    @property
    def schema(self) -> pa.Schema:
        """Return the columns of the rows, but for the digest that sorting adds."""
        with pa.ipc.open_stream(pa.OSFile(str(self.folder / _file_name(0)))) as reader:
            return reader.schema

    def read(self, cells: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of cells that follow each other, sorted if they have groups."""
        pieces = self._pieces(cells)
        yield from pieces if self.group_key is None else self._sorted(pieces)

    def _sorted(self, rows_as_they_came: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        pieces = pa.RecordBatchReader.from_batches(self.schema, rows_as_they_came)
        spill = self.folder / f"spill-{os.getpid()}"
        limits: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": SORT_MEMORY,
            "threads": 2,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
        }
        near = ", ".join(f'"{field}"' for field in self.near)
        whoever = f"coalesce({near}), " if near else ""
        with duckdb.connect(config=limits) as engine:
            rows = engine.from_arrow(pieces)
            ordered = rows.project(f"*, {_digest(rows.columns)} AS row_digest").order(
                f'{whoever}"{self.group_key}", row_number'
            )
            yield from ordered.to_arrow_reader(ROWS_ON_ONE_SHELF)
        shutil.rmtree(spill, ignore_errors=True)

    def _pieces(self, cells: Sequence[int]) -> Iterator[pa.RecordBatch]:
        first, last = cells[0], cells[-1]
        for shelf in range(first // self.cells, last // self.cells + 1):
            begin = shelf * self.cells
            is_whole = first <= begin and begin + self.cells - 1 <= last
            with pa.ipc.open_stream(pa.OSFile(str(self.folder / _file_name(shelf)))) as reader:
                yield from reader if is_whole else self._within(reader, first, last)

    def _within(self, pieces: Iterable[pa.RecordBatch], first: int, last: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the cells from the first to the last."""
        for piece in regrouped(pieces, ROWS_ON_ONE_SHELF):
            cell = _cells_of(pa.Table.from_batches([piece]), self.near, self.group_key, len(self.counts))
            yield piece.filter(pa.array((first <= cell) & (cell <= last)))


class Shelves:
    """Takes the rows of a sheet while it is read."""

    def __init__(self, folder: Path, *, group_key: str | None, near: tuple[str, ...], cells: int) -> None:
        self._folder, self._group_key, self._wanted, self._cells = folder, group_key, near, cells
        self._waiting: list[pa.Table] = []
        self._writers: list[pa.RecordBatchStreamWriter] = []
        #: Columns by which rows are spread, and rows of each cell; empty when there were none.
        self.near: tuple[str, ...] = ()
        self._counts = np.zeros(0, np.int64)
        folder.mkdir(parents=True)

    def __enter__(self) -> Shelves:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None and self._waiting:
            self._put_waiting()
        for writer in self._writers:
            writer.close()

    @property
    def counts(self) -> list[int]:
        """Rows of each cell, shelf by shelf."""
        return list(self._counts.tolist())

    @property
    def cells(self) -> int:
        """Cells of a shelf."""
        return self._counts.size // max(1, len(self._writers))

    def put(self, rows: pa.Table) -> None:
        """Lay rows on their shelves."""
        self._waiting.append(rows)
        if sum(table.num_rows for table in self._waiting) >= _ROWS_TOGETHER:
            self._put_waiting()

    def _put_waiting(self) -> None:
        rows = pa.concat_tables(self._waiting)
        self._waiting = []
        if not self._writers:
            self._begin(rows)
        self._put(rows)

    def _begin(self, rows: pa.Table) -> None:
        """Open the shelves, as many as the first rows need."""
        self.near = tuple(column for column in self._wanted if column in rows.column_names)
        is_spread = bool(self.near and self._group_key) and rows.num_rows > ROWS_ON_ONE_SHELF
        shelves = (SHELVES if self._cells > 1 else SHELVES_BEFORE_CELLS) if is_spread else 1
        self._counts = np.zeros(shelves * self._cells if is_spread else 1, np.int64)
        self._writers = [
            pa.ipc.new_stream(str(self._folder / _file_name(shelf)), rows.schema, options=_OPTIONS)
            for shelf in range(shelves)
        ]

    def _put(self, rows: pa.Table) -> None:
        if len(self._writers) == 1:
            self._writers[0].write_table(rows)
            self._counts[0] += rows.num_rows
            return
        cell = _cells_of(rows, self.near, self._group_key, self._counts.size)
        self._counts += np.bincount(cell, minlength=self._counts.size)
        shelf = cell // self._cells
        by_shelf = rows.take(pa.array(np.argsort(shelf, kind="stable"))).combine_chunks()
        edges = np.searchsorted(np.sort(shelf), np.arange(len(self._writers) + 1)).tolist()
        for number, writer in enumerate(self._writers):
            writer.write_table(by_shelf.slice(edges[number], edges[number + 1] - edges[number]))


def _cells_of(rows: pa.Table, near: Sequence[str], group_key: str | None, cells: int) -> Numbers:
    """Return the cell of each row out of so many of all shelves: the same for the same person, in whatever file."""
    whoever = pc.coalesce(*(rows.column(c) for c in (*near, group_key))).combine_chunks()
    coded = whoever.dictionary_encode()
    found = [zlib.crc32((value or "").encode()) % cells for value in coded.dictionary.to_pylist()]
    numbers: Numbers = np.array([*found, 0], np.int64)[pc.fill_null(coded.indices, len(found)).to_numpy()]
    return numbers


def _file_name(shelf: int) -> str:
    return f"{shelf:02d}.arrow"


def _digest(columns: list[str]) -> str:
    """Return the expression for the content of a row, 16 bytes: MD5 over the columns by name, which guards nothing."""
    cells = ", chr(31), ".join(
        f'coalesce(CAST("{c}" AS VARCHAR), chr(0))' for c in sorted(columns) if c not in _NOT_CONTENT
    )
    return f"unhex(md5(concat({cells})))"
