"""The copies of imported files: kept to go on, to undo and to import again, and dropped after a declared number of days.

A copy is a list of customers in the clear. What an import wrote is sealed in the store and stays; the copy goes, and so do
drafts that nobody started.
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.ingest.folders import import_folder
from yutang.ingest.models import Import, ImportStatus

#: In these nothing is written or taken back any more, unless a person starts it.
_AT_REST = (ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.CANCELLED, ImportStatus.UNDONE)


@jobs.task()
def drop_kept_files(context: jobs.JobContext) -> dict[str, int]:
    """Drop the copies of files whose imports ended more than `YUTANG_KEEP_FILES_DAYS` ago, and drafts as old."""
    now = context.now()
    return {"dropped": drop_files_of_before(before=now - timedelta(days=settings.YUTANG_KEEP_FILES_DAYS), now=now)}


def drop_files_of_before(*, before: datetime, now: datetime) -> int:
    """Drop the copies of files whose imports ended before an instant, and the drafts of before it; return how many.

    The store lets go first and the folders follow: one that was left behind by a kill is found by the next run.
    """
    with transaction.atomic():
        over = Import.objects.filter(status__in=_AT_REST, finished_at__lt=before).exclude(stored_path="")
        drafts = Import.objects.filter(status=ImportStatus.DRAFT, created_at__lt=before)
        ended, unstarted = _numbers(over), _numbers(drafts)
        Import.objects.filter(pk__in=ended).update(stored_path="")
        Import.objects.filter(pk__in=unstarted).delete()
        if ended or unstarted:
            audit(
                actor=Actor.system(),
                action="imports.drop_files",
                subject_type="import",
                detail={"files": ended, "drafts": unstarted},
                now=now,
            )
    for number in {*unstarted, *_left_behind()}:
        shutil.rmtree(import_folder(number), ignore_errors=True)
    return len(ended) + len(unstarted)


def _numbers(rows: QuerySet[Import]) -> list[int]:
    return list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))


def _left_behind() -> list[int]:
    """Return the imports that keep no copy any more and still have a folder."""
    folder = Path(settings.YUTANG_HOME) / "imports"
    there = [int(entry.name) for entry in folder.iterdir() if entry.name.isdigit()] if folder.is_dir() else []
    return list(Import.objects.filter(pk__in=there, stored_path="").values_list("pk", flat=True))
