"""Staged rows in batches of whole groups, always cut at the same places, so that a resumed import goes on where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Rows of one loading transaction. Larger is a little faster, smaller frees the write lock sooner.
ROWS_PER_BATCH = 40_000


def row_batches(path: Path, *, group_key: str | None) -> Iterator[pa.Table]:
    """Yield the sorted rows of one sheet; a group of equal `group_key` is never cut."""
    if not path.exists():
        return
    held: pa.Table | None = None
    with pq.ParquetFile(path) as file:
        for piece in file.iter_batches(batch_size=ROWS_PER_BATCH):
            table = pa.Table.from_batches([piece])
            held = table if held is None else pa.concat_tables([held, table])
            cut = _last_group_start(held, group_key)
            if cut:
                yield held.slice(0, cut).combine_chunks()
                held = held.slice(cut)
    if held is not None and held.num_rows:
        yield held.combine_chunks()


def kept_batches(path: Path) -> Iterator[pa.Table]:
    """Yield the rows of one sheet that could not be taken."""
    if not path.exists():
        return
    with pq.ParquetFile(path) as file:
        for piece in file.iter_batches(batch_size=ROWS_PER_BATCH):
            yield pa.Table.from_batches([piece])


def _last_group_start(table: pa.Table, group_key: str | None) -> int:
    """Return where the last group begins, which may go on in the next piece; 0 when all is one group."""
    if group_key is None:
        return int(table.num_rows)
    keys = table.column(group_key)
    same = pc.equal(keys, keys[-1])
    first: int = pc.index(same, True).as_py()
    return first
