"""One import as one job: stage, load batch by batch with a checkpoint in each transaction, finish.

Killed at any point, it goes on from the last committed batch: the batch's rows, its counts and the checkpoint are one
transaction, and batches are always cut at the same places.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

import duckdb
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F

from yutang.foundation import bulk, outbox
from yutang.foundation.loading_room import room_to_load
from yutang.ingest.batches import Batch, kept_batches, row_batches
from yutang.ingest.drafting import Drafter, Drafts, drafters_for, drafts_of
from yutang.ingest.drafts import Draft
from yutang.ingest.events import ImportFinished
from yutang.ingest.folders import import_folder
from yutang.ingest.formats import FORMATS
from yutang.ingest.keeping import keep_rows
from yutang.ingest.models import Import, ImportOverlap, ImportStatus, QuarantinedRow
from yutang.ingest.reading import open_source
from yutang.ingest.shelving import CELLS
from yutang.ingest.staging import StagedSheet, refused_rows, stage
from yutang.ingest.targets import TARGETS, LoadContext, LoadOutcome
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence


class Progress(Protocol):
    """What an import tells while it runs, and asks: a job's context, or a dry run's."""

    def progress(self, done: int, total: int | None, note: Sentence | None = None) -> None:
        """Say how far the work is."""

    def check_cancelled(self) -> None:
        """Raise when somebody has asked to stop."""


class Unwatched:
    """Watches an import of which nobody wants to know how far it is, and which nobody stops."""

    def progress(self, done: int, total: int | None, note: Sentence | None = None) -> None:
        """Take note of nothing."""

    def check_cancelled(self) -> None:
        """Let it go on."""


@dataclass(frozen=True)
class _Step:
    """One loading transaction: rows for a target, or rows to keep."""

    sheet: int
    batch: Batch
    is_kept: bool
    place: int = 0
    drafts: Drafts | None = None


#: So many rows to load are worth room of their own in the store's memory.
_LARGE = 500_000


class KeptCopyIsGone(DomainError):
    """The file was deleted between preparing and running, or dropped because its time was over."""

    code: ClassVar[str] = "kept_copy_is_gone"
    message: ClassVar[str] = N_("The copy of %(file)s that was kept for this import is gone. Import the file again.")


class DiskIsFull(DomainError):
    """Staged rows or the store could not be written for want of room."""

    code: ClassVar[str] = "disk_is_full"
    http_status: ClassVar[int] = 507
    message: ClassVar[str] = N_(
        "The disk that holds %(folder)s is full. What is written stays and counts once. Make room, then go on with this import."
    )


def run(*, import_id: int, clock: Callable[[], datetime], watcher: Progress | None = None) -> Import:
    """Bring the import to its end, from wherever it stands, and return it.

    Args:
        import_id: of an import that was prepared.
        clock: tells the instant. Aware UTC.
        watcher: is told the progress and may stop it; None: nobody does.

    Raises:
        DomainError: the file is refused, or the disk is full; the import is marked failed with the reason.
    """
    record = Import.objects.get(pk=import_id)
    _settle(record)
    Import.objects.filter(pk=import_id, started_at=None).update(started_at=clock())
    Import.objects.filter(pk=import_id).update(status=ImportStatus.RUNNING)
    try:
        _stage_and_load(record, watcher or Unwatched(), clock)
    except DomainError as refusal:
        _fail(record, refusal, clock())
        raise
    except Exception as error:
        if not _is_disk_full(error):
            raise
        full = DiskIsFull(folder=str(settings.YUTANG_HOME))
        _fail(record, full, clock())
        raise full from error
    shutil.rmtree(import_folder(import_id) / "staged", ignore_errors=True)
    return Import.objects.get(pk=import_id)


def _settle(record: Import) -> None:
    """Keep with the plan what every run of the import must find alike, however often it is begun again.

    Whether the same bytes were read the same way before: what is said again is not newer by that. Another reading of the
    same file, such as corrected columns, counts as new. And how finely rows are laid apart, since batches are cut by it.
    """
    if "is_repeat" in record.plan:
        return
    alike = Import.objects.filter(
        sha256=record.sha256, shop_name=record.shop_name, currency=record.currency, batches_done__gt=0
    ).exclude(status=ImportStatus.UNDONE)
    earlier = alike.exclude(pk=record.pk).values_list("plan", flat=True) if record.sha256 else ()
    read_as = ("sheets", "time_zone")
    record.plan["is_repeat"] = any(all(plan.get(k) == record.plan.get(k) for k in read_as) for plan in earlier)
    record.plan["cells"] = CELLS
    record.save(update_fields=["plan"])


def _stage_and_load(record: Import, watcher: Progress, clock: Callable[[], datetime]) -> None:
    with drafters_for(record.plan, size=_size_of(record)) as ready:
        staged = _staged(record, watcher, clock)
        is_large = sum(sheet.loadable for sheet in staged) >= _LARGE
        with room_to_load() if is_large else nullcontext(lambda: None) as between_changes:
            _load(record, staged, ready, watcher, clock, between_changes)


def _size_of(record: Import) -> int:
    """Return the bytes of the kept copy; 0 where it is gone, which staging tells."""
    path = record.kept_copy
    return path.stat().st_size if path.is_file() else 0


def _load(
    record: Import,
    staged: list[StagedSheet],
    ready: list[Drafter],
    watcher: Progress,
    clock: Callable[[], datetime],
    between_changes: Callable[[], None],
) -> None:
    total = sum(sheet.read for sheet in staged)
    done = 0
    with closing(_steps(record, staged, contexts_of(record, clock()), ready)) as steps:
        for number, step in enumerate(steps):
            done += step.batch.size
            if number < record.batches_done:
                continue
            watcher.check_cancelled()
            _commit_step(record, number, step, staged, clock)
            between_changes()
            watcher.progress(total + done, 2 * total, Sentence(N_("Writing rows")))
    _finish(record, staged, clock)


def _fail(record: Import, refusal: DomainError, now: datetime) -> None:
    """Mark the import failed with the reason, and free the room of staged rows that are made anew anyway."""
    shutil.rmtree(import_folder(record.pk) / "staged", ignore_errors=True)
    Import.objects.filter(pk=record.pk).update(
        status=ImportStatus.FAILED, problem=refusal.sentence.as_json(), finished_at=now
    )


def _is_disk_full(error: BaseException | None) -> bool:
    """Return whether the system, the database or the sorting engine ran out of disk."""
    if error is None:
        return False
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    words = str(error).lower()
    is_told = isinstance(error, (DatabaseError, duckdb.Error, OSError)) and (
        "no space left" in words or "disk is full" in words or "disk full" in words
    )
    return is_told or _is_disk_full(error.__cause__)


def contexts_of(record: Import, now: datetime) -> list[LoadContext]:
    """Return what loaders know, one a planned sheet."""
    contexts = []
    for sheet in record.plan["sheets"]:
        known = FORMATS[sheet["format"]] if sheet["format"] in FORMATS else None
        contexts.append(
            LoadContext(
                import_id=record.pk,
                platform=sheet.get("platform") or record.platform,
                shop_name=record.shop_name,
                grain=sheet["grain"],
                statuses=known.statuses if known else sheet.get("statuses", {}),
                summed=known.summed if known else frozenset(),
                currency=record.currency,
                time_zone=record.plan.get("time_zone", "Asia/Shanghai"),
                exported_at=record.exported_at,
                continues_id=record.continues_id,
                now=now,
                is_repeat=record.plan.get("is_repeat", False),
            )
        )
    return contexts


def _staged(record: Import, watcher: Progress, clock: Callable[[], datetime]) -> list[StagedSheet]:
    """Stage the file unless it is staged, and write the counts of reading once."""

    def tick(rows: int) -> None:
        watcher.check_cancelled()
        watcher.progress(rows, None, Sentence(N_("Reading rows")))

    if not record.kept_copy.is_file():
        raise KeptCopyIsGone(file=record.file_name)
    staged = stage(
        open_source(record.kept_copy),
        plan=record.plan,
        contexts=contexts_of(record, clock()),
        folder=import_folder(record.pk) / "staged",
        tick=tick,
    )
    currencies = sorted({each for sheet in staged for each in sheet.currencies})
    ignored: dict[str, int] = {}
    for sheet in staged:
        for why, rows in sheet.ignored.items():
            ignored[why] = ignored.get(why, 0) + rows
    # Staging writes the counts of reading only while nothing is loaded, so a second pass cannot add them twice.
    Import.objects.filter(pk=record.pk, batches_done=0).update(
        # What all rows name is what their money is told in.
        currency=currencies[0] if len(currencies) == 1 else record.currency,
        plan={**record.plan, "currencies": currencies},
        rows_read=sum(s.read for s in staged),
        rows_ignored=sum(ignored.values()),
        ignored_why=ignored,
        amount_read_minor=sum(s.amount_read_minor for s in staged),
        amount_ignored_minor=sum(s.amount_ignored_minor for s in staged),
    )
    return staged


def _steps(
    record: Import, staged: list[StagedSheet], contexts: list[LoadContext], ready: list[Drafter]
) -> Generator[_Step]:
    """Yield the loading transactions in their fixed order."""
    folder = import_folder(record.pk) / "staged"
    for number, sheet in enumerate(staged):
        rows = sheet.rows(folder, number)
        with drafts_of(TARGETS[sheet.plan["target"]], rows, contexts[number], ready) as drafts:
            for place, batch in enumerate(row_batches(rows)):
                yield _Step(number, batch, is_kept=False, place=place, drafts=drafts)
        for kept in kept_batches(folder / f"kept-{number}.parquet"):
            yield _Step(number, kept, is_kept=True)


def _commit_step(
    record: Import, number: int, step: _Step, staged: list[StagedSheet], clock: Callable[[], datetime]
) -> None:
    """Write one step, its counts and the checkpoint in one transaction."""
    sheet = staged[step.sheet]
    file = step.drafts.draft_of(step.place) if step.drafts else None
    with _attached(file) as draft, transaction.atomic():
        # The checkpoint comes first: it takes the write lock, and a second runner of the same import changes no row here.
        if not Import.objects.filter(pk=record.pk, batches_done=number).update(batches_done=number + 1):
            raise RuntimeError(f"import {record.pk}: batch {number} is not the next one; another runner is at work")
        # Two files may name the same people and orders: their batches follow one another.
        bulk.one_at_a_time("import")
        if step.is_kept:
            keep_rows(record, sheet, step.batch.read())
            return
        target, context = TARGETS[sheet.plan["target"]], contexts_of(record, clock())[step.sheet]
        taken = target.drafting.load(draft, file, context) if draft and file and target.drafting else None
        outcome = taken or target.load(step.batch.read(), context)
        if outcome.refused:
            keep_rows(record, sheet, refused_rows(open_source(record.kept_copy), sheet.plan, outcome.refused))
        _add_counts(record.pk, outcome)


@contextmanager
def _attached(file: Draft | None) -> Iterator[str | None]:
    """Let the transaction read what was worked out ahead of the step, if anything was."""
    if file is None:
        yield None
        return
    with bulk.attached(file.tables) as draft:
        yield draft
    file.delete()


def _add_counts(import_id: int, outcome: LoadOutcome) -> None:
    record = Import.objects.get(pk=import_id)
    for kind, n in outcome.made.items():
        record.made[kind] = record.made.get(kind, 0) + n
    for why, n in outcome.ignored.items():
        record.ignored_why[why] = record.ignored_why.get(why, 0) + n
    record.rows_new += outcome.new
    record.rows_updated += outcome.updated
    record.rows_unchanged += outcome.unchanged
    record.rows_ignored += sum(outcome.ignored.values())
    record.amount_imported_minor += outcome.imported_minor
    record.amount_cancelled_minor += outcome.cancelled_minor
    record.amount_ignored_minor += outcome.ignored_minor
    record.save()
    for earlier_id, rows in outcome.overlaps.items():
        overlap, _ = ImportOverlap.objects.get_or_create(later_id=import_id, earlier_id=earlier_id)
        ImportOverlap.objects.filter(pk=overlap.pk).update(rows=F("rows") + rows)


def _finish(record: Import, staged: list[StagedSheet], clock: Callable[[], datetime]) -> None:
    """Do the set-based end work of each target, mark the import done and tell it, in one transaction."""
    with transaction.atomic():
        record.refresh_from_db()
        if record.status == ImportStatus.DONE:
            return
        for sheet, context in zip(staged, contexts_of(record, clock()), strict=True):
            finish = TARGETS[sheet.plan["target"]].finish
            for kind, n in (finish(context) if finish else {}).items():
                record.made[kind] = record.made.get(kind, 0) + n
        record.status, record.finished_at = ImportStatus.DONE, clock()
        record.save(update_fields=["status", "finished_at", "made"])
        _close_mended_rows(record)
        changed = bool(record.rows_new or record.rows_updated)
        outbox.record(ImportFinished(import_id=record.pk, target=record.target, changed=changed), now=clock())


def _close_mended_rows(record: Import) -> None:
    """Rows that were imported again after mending are no longer open."""
    ids: list[Any] = record.plan.get("mended_rows", [])
    if ids:
        QuarantinedRow.objects.filter(pk__in=ids, status="open").update(status="mended", mended_by=record)
