"""Rows that were changed in place, written back: one statement for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model

from yutang.foundation import bulk


def update_each(rows: Iterable[Model], fields: Collection[str]) -> None:
    """Write fields of rows of one model, in the caller's transaction.

    Django's `bulk_update` makes an expression of every value, which took a third of the time of a batch of callbacks.
    """
    changed = list(rows)
    if not changed:
        return
    meta = changed[0]._meta
    of = {one.name: (one.attname, str(one.column)) for one in meta.concrete_fields}
    named = [of[name] for name in fields]
    values = [(*(_stored(getattr(row, attribute)) for attribute, _ in named), row.pk) for row in changed]
    bulk.update_rows(meta.db_table, [column for _, column in named], values)


def _stored(value: Any) -> Any:
    """Return a value as the driver takes it."""
    if isinstance(value, datetime):
        return bulk.db_instant(value)
    return bytes(value) if isinstance(value, memoryview) else value
