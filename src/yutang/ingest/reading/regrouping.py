"""Blocks of rows of any size made into batches of one size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa


def regrouped(blocks: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Yield batches of exactly `rows` rows, but for the last, out of blocks of any size."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        while count >= rows:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, rows).combine_chunks().to_batches()[0]
            waiting = table.slice(rows).to_batches()
            count -= rows
    if count:
        yield pa.Table.from_batches(waiting).combine_chunks().to_batches()[0]
