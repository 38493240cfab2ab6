"""A batch of rows seen as orders: which rows belong together, and what each order says as a whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.money_columns import Currencies, currencies_of, to_minor_array
from yutang.ingest.targets import LoadContext
from yutang.orders.loading.judging import row_amount_minor

Numbers = np.ndarray[Any, np.dtype[np.int64]]

_DIGEST_BYTES = 16


@dataclass(frozen=True)
class OrderBatch:
    """Rows sorted by order number, and the orders that they form.

    Attributes:
        rows: the rows, with `is_cancellation` added.
        group: order index a row. Shape (rows,).
        starts: first row of each order. Shape (orders,).
        heads: one row an order: the first value that any of its rows states, by column.
        numbers: order numbers. Shape (orders,).
        digests: content of each order in this file, 16 bytes each.
    """

    rows: pa.Table
    group: np.ndarray[Any, np.dtype[np.int64]]
    starts: np.ndarray[Any, np.dtype[np.int64]]
    heads: pa.Table
    numbers: list[str]
    digests: list[bytes]

    @property
    def orders(self) -> int:
        """How many orders the batch holds."""
        return len(self.numbers)


def order_batch(rows: pa.Table) -> OrderBatch:
    """Return the rows, sorted by order number, as orders."""
    number = rows.column("order_number").combine_chunks()
    changes = np.ones(len(number), bool)
    if len(number) > 1:
        changes[1:] = pc.not_equal(number[1:], number[:-1]).to_numpy(zero_copy_only=False)
    group = np.cumsum(changes) - 1
    starts = np.flatnonzero(changes)
    heads = rows if len(starts) == len(number) else _heads(rows, starts)
    return OrderBatch(
        rows=rows,
        group=group,
        starts=starts,
        heads=heads,
        numbers=heads.column("order_number").to_pylist(),
        digests=_digests(rows.column("row_digest").to_pylist(), starts),
    )


def minor_of(batch: OrderBatch, field: str, context: LoadContext) -> list[int | None] | None:
    """Return a money field of each order in minor units; None when the file has no such column.

    An amount of the order itself stands on its first row or on all of them; an amount of the lines is added up.
    """
    if field not in batch.heads.column_names:
        return None
    if field not in context.summed:
        values: list[int | None] = to_minor_array(
            batch.heads.column(field).combine_chunks(), currencies_of(batch.heads, context)
        ).to_pylist()
        return values
    minor = to_minor_array(batch.rows.column(field).combine_chunks(), row_currencies(batch, context))
    sums: list[int | None] = np.add.reduceat(pc.fill_null(minor, 0).to_numpy(), batch.starts).tolist()
    return sums


def row_currencies(batch: OrderBatch, context: LoadContext) -> Currencies:
    """Return the currency of each row, which is that of its order."""
    of_order = currencies_of(batch.heads, context)
    return of_order if isinstance(of_order, str) else of_order.take(pa.array(batch.group))


def amounts_of(batch: OrderBatch, context: LoadContext) -> tuple[Numbers, Numbers]:
    """Return the money of each order as it counts, and what its further rows only repeat.

    Where a row is an order, the amount that stands again on further rows of the same order is stated, not added up.

    Returns:
        Minor units, each of shape (orders,); together the money of all rows.
    """
    all_rows = np.add.reduceat(batch.rows.column("amount_minor").to_numpy(), batch.starts)
    if context.grain != "order" or batch.orders == batch.rows.num_rows:
        return all_rows, np.zeros_like(all_rows)
    counted = row_amount_minor(batch.heads, context).to_numpy()
    return counted, all_rows - counted


def _heads(rows: pa.Table, starts: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Table:
    """Return one row an order with the first stated value of each column."""
    return pa.table({name: _first_stated(rows.column(name).combine_chunks(), starts) for name in rows.column_names})


def _first_stated(column: pa.Array, starts: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Array:
    if column.null_count == 0:
        return column.take(pa.array(starts))
    rows = len(column)
    stated = np.where(column.is_valid().to_numpy(zero_copy_only=False), np.arange(rows), rows)
    first = np.minimum.reduceat(stated, starts)
    return column.take(pa.array(first, mask=first == rows))


def _digests(rows: list[bytes], starts: np.ndarray[Any, np.dtype[np.int64]]) -> list[bytes]:
    """Return the content of each order: that of its only row, or of all its rows in whatever order they stand."""
    if len(starts) == len(rows):
        return rows
    ends = [*starts[1:].tolist(), len(rows)]
    return [
        rows[start]
        if end == start + 1
        else hashlib.blake2b(b"".join(sorted(rows[start:end])), digest_size=_DIGEST_BYTES).digest()
        for start, end in zip(starts.tolist(), ends, strict=True)
    ]
