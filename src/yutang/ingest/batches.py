"""Staged rows in batches of whole groups, always cut at the same places, so that a resumed import goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yutang.ingest.reading.regrouping import regrouped
from yutang.ingest.shelving import StagedRows

#: Rows of one loading transaction. Larger is a little faster, smaller frees the write lock sooner.
ROWS_PER_BATCH = 100_000
#: A file that is not large is cut into so many batches, of which some are worked out while others are written.
_BATCHES = 8
#: So many rows are not worth a transaction of their own.
_FEWEST_ROWS = 20_000


@dataclass(frozen=True)
class Batch:
    """The rows of one loading transaction; read, and sorted, only when they are wanted.

    Attributes:
        size: how many rows.
        read: returns all rows.
    """

    size: int
    read: Callable[[], pa.Table]


def rows_per_batch(rows: int) -> int:
    """Return about how many rows of a sheet of so many are loaded at a time."""
    return min(ROWS_PER_BATCH, max(_FEWEST_ROWS, rows // _BATCHES))


def in_memory(rows: pa.Table) -> Batch:
    """Return rows that are read already as a batch."""
    return Batch(rows.num_rows, lambda: rows)


def row_batches(rows: StagedRows | None) -> Iterator[Batch]:
    """Yield the batches of the rows of one sheet; a group of equal `group_key` is never cut."""
    if rows is None:
        return
    for cells in _fitting_together(rows):
        size = sum(rows.counts[cell] for cell in cells)
        if rows.group_key and size <= rows.batch_rows:
            yield Batch(size, partial(_whole, rows, cells))
            continue
        for batch in _cut(rows.read(cells), rows):
            yield in_memory(batch)


def kept_batches(path: Path) -> Iterator[Batch]:
    """Yield the rows of one sheet that could not be taken."""
    if not path.exists():
        return
    with pq.ParquetFile(path) as file:
        for piece in file.iter_batches(batch_size=ROWS_PER_BATCH):
            yield in_memory(pa.Table.from_batches([piece]))


def _fitting_together(rows: StagedRows) -> Iterator[list[int]]:
    """Yield cells that follow each other and make no more than a batch; a larger one stands alone.

    A shelf that fits into a batch is in one, since every batch reads the shelves that it is of from their beginnings.
    """
    together: list[int] = []
    size = 0
    for part in _parts(rows):
        count = sum(rows.counts[cell] for cell in part)
        if size and size + count > rows.batch_rows:
            yield together
            together, size = [], 0
        together.extend(part)
        size += count
    if size:
        yield together


def _parts(rows: StagedRows) -> Iterator[Sequence[int]]:
    """Yield the cells of each shelf, one by one where they are more than a batch."""
    for first in range(0, len(rows.counts), rows.cells):
        shelf = range(first, first + rows.cells)
        if sum(rows.counts[cell] for cell in shelf) <= rows.batch_rows:
            yield shelf
        else:
            yield from ([cell] for cell in shelf)


def _whole(rows: StagedRows, cells: Sequence[int]) -> pa.Table:
    return pa.Table.from_batches(list(rows.read(cells))).combine_chunks()


def _cut(pieces: Iterable[pa.RecordBatch], rows: StagedRows) -> Iterator[pa.Table]:
    """Yield batches of about `batch_rows` sorted rows, cut where a group begins."""
    held: pa.Table | None = None
    for piece in regrouped(pieces, rows.batch_rows):
        table = pa.Table.from_batches([piece])
        held = table if held is None else pa.concat_tables([held, table])
        cut = _last_group_start(held, rows.group_key)
        if cut:
            yield held.slice(0, cut).combine_chunks()
            held = held.slice(cut)
    if held is not None and held.num_rows:
        yield held.combine_chunks()


def _last_group_start(table: pa.Table, group_key: str | None) -> int:
    """Return where the last group begins, which may go on in the next piece; 0 when all is one group."""
    if group_key is None:
        return int(table.num_rows)
    keys = table.column(group_key)
    same = pc.equal(keys, keys[-1])
    first: int = pc.index(same, True).as_py()
    return first
