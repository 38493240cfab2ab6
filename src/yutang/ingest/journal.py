"""What an import must remember so that it can be undone, and what the lake must read again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import F

from yutang.foundation import bulk
from yutang.ingest.models import BeforeImage, ImportOverlap
from yutang.lake.partitions import UNDATED

_CHUNK = 5_000


def remember(import_id: int, table: str, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Store rows as they were before the import changes them. The first image of a row is the one that undo restores.

    Args:
        import_id: the import that is about to change the rows.
        table: database table.
        rows: (primary key, {column: value before}).
    """
    bulk.insert_rows(
        BeforeImage._meta.db_table,
        ("source_id", "table", "row_id", "before"),
        [(import_id, table, row_id, json.dumps(before, default=_plain)) for row_id, before in rows],
    )


def restore(import_id: int, table: str) -> int:
    """Write a table's rows back as they were before the import changed them; return how many there were."""
    count, pending = 0, dict[int, dict[str, Any]]()
    images = BeforeImage.objects.filter(source_id=import_id, table=table).order_by("row_id", "id")
    for row_id, before in images.values_list("row_id", "before").iterator(chunk_size=_CHUNK):
        if row_id not in pending and len(pending) >= _CHUNK:
            count += _write_back(table, pending)
            pending = {}
        # The first image of a column is the oldest.
        pending[row_id] = {**_as_written(before), **pending.get(row_id, {})}
    return count + _write_back(table, pending)


def forget_images(table: str, row_ids: Sequence[int]) -> int:
    """Delete what was remembered of rows before imports changed them, for the erasure of a person; an undo leaves such rows as they are."""
    return BeforeImage.objects.filter(table=table, row_id__in=list(row_ids)).delete()[0]


def forget_images_of_gone_rows(table: str) -> int:
    """Delete what was remembered of rows that are not there any more, and return how many entries that were."""
    return bulk.execute(
        f'DELETE FROM {BeforeImage._meta.db_table} WHERE "table" = %s'  # noqa: S608 - names from the code
        f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = {BeforeImage._meta.db_table}.row_id)",
        [table],
    )


def forget_images_of(table: str, customer_ids: Sequence[int]) -> int:
    """Delete what was remembered of rows that belonged to people who are erased, also where the row is somebody else's now or gone."""
    return BeforeImage.objects.filter(table=table, before__customer_id__in=list(customer_ids)).delete()[0]


def _write_back(table: str, images: Mapping[int, Mapping[str, Any]]) -> int:
    by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row_id, image in images.items():
        columns = tuple(sorted(image))
        by_columns.setdefault(columns, []).append((*(image[c] for c in columns), row_id))
    for columns, rows in by_columns.items():
        bulk.update_rows(table, columns, rows)
    return len(images)


def _as_written(before: Mapping[str, Any]) -> dict[str, Any]:
    return {c: bytes.fromhex(v["hex"]) if isinstance(v, dict) and "hex" in v else v for c, v in before.items()}


def touch(table: str, partitions: Iterable[str], *, now: datetime) -> None:
    """Mark partitions of a published table, or of one that it follows, as changed, in the transaction of the change.

    One short statement that no other transaction waits for: a place in a group and its payment are marked when they are written.
    Within `marked_transaction` it is left to its end.
    """
    collected = _collected.get()
    if collected is not None:
        for each in partitions:
            collected.setdefault((table, each), now)
        return
    at = bulk.db_instant(now)
    _write_marks([(table, each, at) for each in sorted(set(partitions))])


@contextmanager
def marked_transaction() -> Iterator[None]:
    """Open a transaction whose marks are written at its end: in one statement, each once; what raises undoes changes and marks together.

    Within another one it is a savepoint, and the outer one writes the marks. Those of what a savepoint undid are written all the same:
    a month is read once more than need be, and nothing is lost.
    """
    with transaction.atomic():
        if _collected.get() is not None:
            yield
            return
        collected: dict[tuple[str, str], datetime] = {}
        token = _collected.set(collected)
        try:
            yield
        finally:
            _collected.reset(token)
        _write_marks([(*place, bulk.db_instant(at)) for place, at in sorted(collected.items())])


def _write_marks(marks: Sequence[tuple[str, str, Any]]) -> None:
    if marks:
        places = ", ".join(["(%s, %s, %s)"] * len(marks))
        bulk.execute(f"{_MARK} {places}", [*chain.from_iterable(marks)], often=len(marks) <= _FEW)


_MARK = 'INSERT INTO ingest_touchedpartition ("table", "partition", touched_at) VALUES'
#: So many marks a change has that people wait for; an import has one a month.
_FEW = 4
#: What `marked_transaction` has collected; None outside of it.
_collected: ContextVar[dict[tuple[str, str], datetime] | None] = ContextVar("collected", default=None)


def touch_days(table: str, days: Iterable[date | None], *, now: datetime) -> None:
    """Mark the months of business days as changed; see `touch`."""
    touch(table, {day.isoformat()[:7] if day is not None else UNDATED for day in days}, now=now)


def note_overlap(*, later_id: int, earlier_id: int, rows: int) -> None:
    """Add to how many rows of a later import met rows that an earlier one had made."""
    overlap, _ = ImportOverlap.objects.get_or_create(later_id=later_id, earlier_id=earlier_id)
    ImportOverlap.objects.filter(pk=overlap.pk).update(rows=F("rows") + rows)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"hex": bytes(value).hex()}
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in a before-image")
