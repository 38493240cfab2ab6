"""Stores that an import makes out of the words of its rows: remembered with it, told in its result, taken back with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from yutang.foundation.lake_marks import mark_stores
from yutang.foundation.models import Store
from yutang.foundation.stores import remove_unused_stores, stores_by_code_or_name, stores_not_known
from yutang.ingest.journal import remember
from yutang.ingest.models import BeforeImage

_TABLE = Store._meta.db_table


class NewStore(NamedTuple):
    """A store that an import made: its code and its name, which are the same where the rows say but one."""

    code: str
    name: str


def stores_of_rows(
    pairs: Iterable[tuple[str | None, str | None]], *, import_id: int, now: datetime
) -> dict[tuple[str | None, str | None], int]:
    """Return the store of each (code, name); what the import makes of them is kept with it, in the caller's transaction."""
    found = stores_by_code_or_name(pairs)
    if found.has_changed:
        mark_stores(now=now)
    # There was nothing before it: an empty image.
    remember(import_id, _TABLE, [(pk, {}) for pk in found.made])
    return found.ids


def stores_to_be_made(rows: pa.Table) -> tuple[NewStore, ...]:
    """Return the stores that an import of the rows would make, in the order of their codes."""
    columns = [name for name in ("store_code", "store_name") if name in rows.column_names]
    if not columns:
        return ()
    distinct = rows.select(columns).group_by(columns).aggregate([]).to_pylist()
    pairs = {(row.get("store_code"), row.get("store_name")) for row in distinct} - {(None, None)}
    return tuple(NewStore(*store) for store in stores_not_known(sorted(pairs, key=str)))


def stores_made_by(import_ids: Iterable[int]) -> dict[int, list[NewStore]]:
    """Return ``{import: the stores that it made}``, without those that are gone; imports that made none are left out."""
    images = BeforeImage.objects.filter(source_id__in=list(import_ids), table=_TABLE).order_by("id")
    rows = list(images.values_list("source_id", "row_id"))
    stores = Store.objects.in_bulk([store for _, store in rows])
    made: dict[int, list[NewStore]] = {}
    for source, key in rows:
        if key in stores:
            made.setdefault(source, []).append(NewStore(stores[key].code, stores[key].name))
    return made


def take_back_stores(*, import_id: int, now: datetime) -> None:
    """Remove the stores that the import made, where nothing else names them by now."""
    made = BeforeImage.objects.filter(source_id=import_id, table=_TABLE).values_list("row_id", flat=True)
    if remove_unused_stores(list(made)):
        mark_stores(now=now)
