"""Values of customers written whole, set-based, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa
from django.db import transaction

from yutang.foundation.bulk import execute, key_table
from yutang.ingest.journal import touch
from yutang.lake.partitions import WHOLE

#: Values written in one transaction: others write between two of them.
_BATCH = 20_000

_COLUMNS = (
    ("customer_id", "int"),
    ("store_id", "int"),
    ("p_alive", "float"),
    ("orders_30", "float"),
    ("orders_90", "float"),
    ("orders_365", "float"),
    ("order_minor", "int"),
    ("value_minor", "int"),
    ("low_minor", "int"),
    ("high_minor", "int"),
    ("before_minor", "int"),
    ("next_order_date", "date"),
    ("next_from_date", "date"),
    ("next_to_date", "date"),
    ("model_group", "text"),
)


def write_values(rows: pa.Table, *, now: datetime) -> None:
    """Write the value of everybody, ordered by customer, and delete the values of those who are not among them.

    Nearly every value changes every day, so that nothing is gained by looking for what is as before.
    """
    reached = 0
    for batch in rows.to_batches(max_chunksize=_BATCH) if rows.num_rows else ():
        last = batch.column("customer_id")[-1].as_py()
        with transaction.atomic():
            _replace(batch, above=reached, up_to=last)
            touch("insight_customer_value", [WHOLE], now=now)
        reached = last
    with transaction.atomic():
        execute("DELETE FROM insight_customervalue WHERE customer_id > %s", [reached])
        touch("insight_customer_value", [WHOLE], now=now)


def _replace(batch: pa.RecordBatch, *, above: int, up_to: int) -> None:
    """Put the batch in the place of all values of its range of customers."""
    names = [name for name, _ in _COLUMNS]
    execute("DELETE FROM insight_customervalue WHERE customer_id > %s AND customer_id <= %s", [above, up_to])
    with key_table(_COLUMNS, _values(batch, names)) as keys:
        # A person who was erased or merged meanwhile has no value to keep. Names of columns come from this file.
        execute(
            f"INSERT INTO insight_customervalue ({', '.join(names)}) "
            f"SELECT {', '.join(f'k.{name}' for name in names)} FROM {keys} AS k "
            "JOIN customers_customer AS c ON c.id = k.customer_id WHERE c.merged_into_id IS NULL"
        )


def _values(batch: pa.RecordBatch, names: list[str]) -> Iterator[tuple[object, ...]]:
    columns = []
    for name in names:
        column = batch.column(name)
        columns.append((column.cast(pa.string()) if pa.types.is_date(column.type) else column).to_pylist())
    return zip(*columns, strict=True)
