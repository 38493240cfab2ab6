"""Imports files in tests the way the command line does, and compares whole tables."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection

from yutang.foundation.access import Actor
from yutang.ingest import actions, queries
from yutang.ingest.models import Import
from yutang.ingest.queries import ImportView
from yutang.ingest.running import run
from yutang.kit.text import Sentence

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)

#: Tables that tell of the importing itself, not of what was imported.
_ABOUT_IMPORTING = {
    "ingest_import",
    "ingest_importoverlap",
    "ingest_beforeimage",
    "ingest_touchedpartition",
    "ingest_rememberedmapping",
    "ingest_quarantinedrow",
}
_ROOMS = ("customers", "orders", "visits")


class Watcher:
    """Lets an import run, or breaks it off before its n-th batch."""

    def __init__(self, *, stop_at: int | None = None, error: type[BaseException] = RuntimeError) -> None:
        self.checks = 0
        self.stop_at = stop_at
        self.error = error

    def progress(self, done: int, total: int | None, note: Sentence | None = None) -> None:
        """Take note of nothing."""

    def check_cancelled(self) -> None:
        """Break off at the n-th check."""
        self.checks += 1
        if self.stop_at is not None and self.checks >= self.stop_at:
            raise self.error


def import_path(path: Path, *, now: datetime = NOW, watcher: Watcher | None = None, **options: Any) -> ImportView:
    """Import a file to its end and return what became of it."""
    record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=now, **options)
    run(import_id=record.pk, watcher=watcher or Watcher(), clock=lambda: now)
    return view_of(record)


def import_text(
    folder: Path, text: str, *, name: str = "orders.csv", encoding: str = "utf-8", **options: Any
) -> ImportView:
    """Write the text as a file and import it."""
    path = folder / name
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return import_path(path, **options)


def view_of(record: Import) -> ImportView:
    """Return the import as screens show it."""
    return queries.import_view(access=Actor.system(), import_id=record.pk)


def adds_up(view: ImportView) -> bool:
    """Return whether the counts of rows and of money add up."""
    rows, money = view.counts, view.amounts
    return rows["read"] == sum(n for k, n in rows.items() if k != "read") and money["read"] == sum(
        n for k, n in money.items() if k != "read"
    )


def store_content(*, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table that imports write, in the order of the primary keys.

    Sealed profiles are opened, since sealing the same record twice gives different bytes.
    """
    from yutang.foundation.sealing import unseal

    content = {}
    for room in _ROOMS:
        for model in apps.get_app_config(room).get_models():
            table = model._meta.db_table
            if table in _ABOUT_IMPORTING:
                continue
            columns = [f.column for f in model._meta.concrete_fields if f.column not in without]
            keys = [f.column for f in model._meta.pk_fields]
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {_quoted(columns)} FROM {table} ORDER BY {_quoted(keys)}")
                rows = cursor.fetchall()
            opened = [
                tuple(
                    _opened(unseal(v)) if c.startswith("sealed") and v else bytes(v) if isinstance(v, memoryview) else v
                    for c, v in zip(columns, row, strict=True)
                )
                for row in rows
            ]
            content[table] = opened
    return content


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _opened(record: dict[str, Any]) -> str:
    import json

    return json.dumps(record, ensure_ascii=False, sort_keys=True)
