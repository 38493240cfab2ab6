"""Taking an import back: whether it can be, and the one transaction that does it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.foundation import bulk, outbox
from yutang.ingest.events import ImportUndone
from yutang.ingest.keeping import release_rows
from yutang.ingest.models import Import, ImportOverlap, ImportStatus
from yutang.ingest.new_stores import take_back_stores
from yutang.ingest.records import import_numbered
from yutang.ingest.refusals import LaterImportsBuildOnIt
from yutang.ingest.targets import TARGETS


def finish_undo(*, import_id: int, now: datetime) -> None:
    """Take back an import that is being undone, in one transaction; nothing where that has happened meanwhile.

    Raises:
        LaterImportsBuildOnIt: a later import has come to hold rows of this one.
    """
    record = import_numbered(import_id)
    with transaction.atomic():
        bulk.one_at_a_time("import")
        if not Import.objects.filter(pk=import_id, status=ImportStatus.UNDOING).update(finished_at=now):
            return
        refuse_if_built_on(import_id=import_id)
        for code in sorted({sheet["target"] for sheet in record.plan["sheets"]}):
            TARGETS[code].undo(import_id, now)
        take_back_stores(import_id=import_id, now=now)
        record.before_images.all().delete()
        release_rows(import_id)
        ImportOverlap.objects.filter(later_id=import_id).delete()
        Import.objects.filter(pk=import_id).update(status=ImportStatus.UNDONE)
        outbox.record(ImportUndone(import_id=import_id), now=now)


def refuse_if_built_on(*, import_id: int) -> None:
    """Refuse to take an import back while later ones hold rows of it.

    Raises:
        LaterImportsBuildOnIt: they do.
    """
    # A later import that changed nothing (the same file again) holds nothing that could hang in the air.
    later = ImportOverlap.objects.filter(earlier_id=import_id).exclude(later__status=ImportStatus.UNDONE)
    idle = {"later__rows_new": 0, "later__rows_updated": 0, "later__status": ImportStatus.DONE}
    changed = later.exclude(**idle).order_by("later_id")
    numbers = list(changed.values_list("later_id", flat=True))
    if numbers:
        raise LaterImportsBuildOnIt(import_id=import_id, later=", ".join(f"#{n}" for n in numbers))
