"""How values of the room's tables are written and read where the ORM does not convert them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from django.db import connection

from yutang.foundation import bulk

#: Kind of digest and scope of evidence by which a person is only found.
HINT = "hint"
#: Columns of a customer that rows teach.
RECORD_COLUMNS = ("sealed_profile", "store_id", "owner_id", "first_seen_at")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def insert_missing(table: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    """Insert the rows of which the table's unique constraints know none yet.

    Args:
        table: table name.
        columns: (name, type) with type one of int, text, bytes, instant, date, json.
        rows: values in the order of the columns.
    """
    if not rows:
        return
    names = ", ".join(name for name, _ in columns)
    cast = ", ".join(_as_json(name) if kind == "json" else name for name, kind in columns)
    with bulk.key_table([(n, "text" if k == "json" else k) for n, k in columns], rows) as keys:
        bulk.execute(
            f"INSERT INTO {table} ({names}) SELECT {cast} FROM {keys} WHERE true ON CONFLICT DO NOTHING"  # noqa: S608
        )


def _as_json(column: str) -> str:
    """Return the SQL that turns a text column of a key table into what a JSON column takes."""
    return f"{column}::jsonb" if connection.vendor == "postgresql" else column


def as_microseconds(stored: datetime | str) -> int:
    """Return an instant as raw SQL gives it (text on SQLite) in microseconds since 1970 UTC."""
    instant = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return (instant - _EPOCH) // _MICROSECOND


def as_stored_instant(microseconds: int | None) -> Any:
    """Return microseconds since 1970 UTC as the driver stores an instant; what `bulk.db_instant` gives, at a fifth of its time."""
    if microseconds is None:
        return None
    instant = from_microseconds(microseconds)
    return instant if connection.vendor == "postgresql" else str(instant)[:-6]


def as_stored_instants(microseconds: Sequence[int]) -> list[Any]:
    """Return what `as_stored_instant` gives for each of them; whole seconds all at once."""
    if any(value % 1_000_000 for value in microseconds):
        return [as_stored_instant(value) for value in microseconds]
    return bulk.instants(pa.array(microseconds, pa.timestamp("us")))


def from_microseconds(microseconds: int) -> datetime:
    """Return microseconds since 1970 UTC as an aware instant."""
    return _EPOCH + timedelta(microseconds=microseconds)
