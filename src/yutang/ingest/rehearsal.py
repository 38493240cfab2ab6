"""A whole import that leaves nothing behind, to see what would come of a file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from yutang.foundation.access import Actor
from yutang.ingest.actions import prepare_import
from yutang.ingest.folders import import_folder
from yutang.ingest.queries import as_json, import_view
from yutang.ingest.running import Unwatched, run
from yutang.kit.text import Sentence


def dry_run_import(
    *,
    actor: Actor,
    path: Path,
    file_name: str,
    told: Callable[..., None] = lambda *_: None,
    now: datetime,
    **options: Any,
) -> dict[str, Any]:
    """Run a whole import in a transaction that is rolled back, and return what would have come of it.

    Args:
        actor: needs ``imports.run``.
        path: the file.
        file_name: name that the person knows the file by.
        told: called with (done, total, note) while it runs.
        now: instant. Aware UTC.
        options: as for `prepare_import`.
    """
    folder: Path | None = None
    try:
        with transaction.atomic():
            record = prepare_import(actor=actor, path=path, file_name=file_name, now=now, **options)
            folder = import_folder(record.pk)
            run(import_id=record.pk, watcher=_Rehearsal(told), clock=lambda: now)
            result = as_json(import_view(access=actor, import_id=record.pk))
            transaction.set_rollback(True)
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return {"file": Path(file_name).name, **result, "import_id": None, "dry_run": True}


class _Rehearsal(Unwatched):
    """Watches a dry run: it tells the progress and is never cancelled."""

    def __init__(self, told: Callable[..., None]) -> None:
        self._told = told

    def progress(self, done: int, total: int | None, note: Sentence | None = None) -> None:
        """Hand it on."""
        self._told(done, total, note)
