"""Every change of an import's life: prepare, start, cancel, undo, mend."""

from __future__ import annotations

import csv
import hashlib
import math
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.actions import cancel_job
from yutang.foundation.audit import audit
from yutang.foundation.models import JobStatus
from yutang.foundation.sealing import unseal
from yutang.ingest.folders import empty_folder, import_folder
from yutang.ingest.keeping import header_and_cells
from yutang.ingest.marks import marked_rows
from yutang.ingest.models import Import, ImportStatus, QuarantinedRow
from yutang.ingest.planning import FieldsAreMissing, missing_fields, plan_sheets, remember_mapping, sheet_to_be_mapped
from yutang.ingest.reading import Source, open_source
from yutang.ingest.records import import_numbered
from yutang.ingest.refusals import (
    FileCouldNotBeKept,
    ImportIsAtWork,
    ImportIsBusy,
    RowsAreGone,
    refuse_unknown_places,
)
from yutang.ingest.undoing import finish_undo, refuse_if_built_on

#: Rows of an import that is taken back while the person waits.
ROWS_UNDONE_AT_ONCE = 20_000


def prepare_import(
    *,
    actor: Actor,
    path: Path,
    file_name: str,
    mapping: Mapping[str, str] | None = None,
    target: str | None = None,
    shop_name: str = "",
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    now: datetime,
) -> Import:
    """Take a copy of the file, detect what it is and plan how it is read. Nothing is imported yet.

    Args:
        actor: needs ``imports.run``.
        path: the file.
        file_name: name that the person knows the file by; may carry the instant of the export.
        mapping: field → header name (or column number), for files that are not recognised.
        target: what the file brings, when the mapping does not tell.
        shop_name: tells several shops on one platform apart.
        currency: ISO 4217 code for rows that name none.
        time_zone: zone of local times in the file.
        now: instant. Aware UTC.

    Raises:
        DomainError: the file cannot be read, or its columns are not recognised.
    """
    actor.require("imports.run")
    refuse_unknown_places(currency, time_zone)
    source = open_source(path)
    sheets = plan_sheets(source, mapping=mapping, target=target)
    record = _draft(actor, path, file_name, source, sheets, shop_name, currency, time_zone, now)
    with transaction.atomic():
        if mapping:
            remember_mapping(source.sheets[0].header, sheets[0], now)
    return record


def prepare_unrecognised_import(
    *,
    actor: Actor,
    path: Path,
    file_name: str,
    shop_name: str = "",
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    now: datetime,
) -> Import:
    """Take a copy of a file whose columns are not recognised; `remap_import` says which is what before it can start.

    Args:
        actor: needs ``imports.run``.
        path: the file.
        file_name: name that the person knows the file by.
        shop_name: tells several shops on one platform apart.
        currency: ISO 4217 code for rows that name none.
        time_zone: zone of local times in the file.
        now: instant. Aware UTC.

    Raises:
        DomainError: the file cannot be read.
    """
    actor.require("imports.run")
    refuse_unknown_places(currency, time_zone)
    source = open_source(path)
    return _draft(actor, path, file_name, source, [sheet_to_be_mapped(source)], shop_name, currency, time_zone, now)


def _draft(
    actor: Actor,
    path: Path,
    file_name: str,
    source: Source,
    sheets: list[dict[str, Any]],
    shop_name: str,
    currency: str,
    time_zone: str,
    now: datetime,
) -> Import:
    record = Import(
        file_name=Path(file_name).name[:255],
        size_bytes=path.stat().st_size,
        target=sheets[0]["target"],
        format=sheets[0]["format"],
        platform=sheets[0]["platform"],
        shop_name=shop_name,
        encoding=source.encoding,
        currency=currency,
        exported_at=_aware(source.export_instant(Path(file_name).name)),
        plan={"sheets": sheets, "time_zone": time_zone, "kind": source.kind, "delimiter": source.delimiter},
        actor_id=actor.staff_id,
        created_at=now,
    )
    mended = marked_rows(source, sheets)
    if mended:
        record.plan["mended_rows"] = [row_id for row_id, _import_id, _number in mended]
        record.continues_id = mended[0][1] if len({import_id for _, import_id, _ in mended}) == 1 else None
    with transaction.atomic():
        record.save()
        record.stored_path, record.sha256 = _keep_copy(path, record.pk, Path(file_name).name)
        record.save(update_fields=["stored_path", "sha256"])
        audit(actor=actor, action="imports.prepare", subject_type="import", subject_id=record.pk, now=now)
    return record


def remap_import(*, actor: Actor, import_id: int, mapping: Mapping[str, str], target: str, now: datetime) -> Import:
    """Plan a prepared import anew with the columns that a person chose, and remember them for this header."""
    actor.require("imports.run")
    record = import_numbered(import_id)
    if record.status != ImportStatus.DRAFT:
        raise ImportIsBusy(import_id=import_id, status=record.status)
    source = open_source(record.kept_copy)
    sheets = plan_sheets(source, mapping=mapping, target=target)
    record.plan = {**record.plan, "sheets": sheets}
    record.target, record.format, record.platform = sheets[0]["target"], sheets[0]["format"], sheets[0]["platform"]
    with transaction.atomic():
        record.save(update_fields=["plan", "target", "format", "platform"])
        remember_mapping(source.sheets[0].header, sheets[0], now)
    return record


def start_import(*, actor: Actor, import_id: int, now: datetime) -> Import:
    """Put the import in line as a job; a cancelled or failed one goes on where it stopped."""
    from yutang.ingest.tasks import run_import

    actor.require("imports.run")
    record = import_numbered(import_id)
    startable = {ImportStatus.DRAFT, ImportStatus.CANCELLED, ImportStatus.FAILED}
    for sheet in record.plan["sheets"]:
        if missing := missing_fields(sheet):
            raise FieldsAreMissing(missing=", ".join(missing))
    with transaction.atomic():
        moved = Import.objects.filter(pk=import_id, status__in=startable).update(
            status=ImportStatus.WAITING, problem=None, finished_at=None
        )
        if not moved:
            raise ImportIsBusy(import_id=import_id, status=record.status)
        job = jobs.enqueue(run_import, {"import_id": import_id}, now=now)
        Import.objects.filter(pk=import_id).update(job_id=job)
        audit(actor=actor, action="imports.start", subject_type="import", subject_id=import_id, now=now)
    return import_numbered(import_id)


def resume_import(*, actor: Actor, import_id: int, now: datetime) -> Import:
    """Let an import that stopped go on: a new job, or the job of a process that was killed, to be done where it is asked for.

    Raises:
        ImportIsAtWork: its process lives, or its silence is too short to tell.
        ImportIsBusy: it is done, undone or being undone.
    """
    actor.require("imports.run")
    record = import_numbered(import_id)
    if record.status not in {ImportStatus.WAITING, ImportStatus.RUNNING}:
        return start_import(actor=actor, import_id=import_id, now=now)
    if (job := record.job) is None or job.status not in {JobStatus.WAITING, JobStatus.RUNNING}:
        Import.objects.filter(pk=import_id, status=record.status).update(status=ImportStatus.FAILED)
        return start_import(actor=actor, import_id=import_id, now=now)
    if job.status == JobStatus.RUNNING and job.lease_until is not None and job.lease_until >= now:
        silent_for = math.ceil((job.lease_until - now).total_seconds()) + 1
        raise ImportIsAtWork(import_id=import_id, seconds=silent_for)
    audit(actor=actor, action="imports.resume", subject_type="import", subject_id=import_id, now=now)
    return record


def cancel_import(*, actor: Actor, import_id: int, now: datetime) -> Import:
    """Ask a waiting or running import to stop after the batch at hand; what is written stays and can be undone."""
    actor.require("imports.run")
    record = import_numbered(import_id)
    if record.status == ImportStatus.DRAFT:
        Import.objects.filter(pk=import_id, status=ImportStatus.DRAFT).update(
            status=ImportStatus.CANCELLED, finished_at=now
        )
    elif record.job_id and record.status in {ImportStatus.WAITING, ImportStatus.RUNNING}:
        cancel_job(actor=Actor.system(), job_id=record.job_id, now=now)
        Import.objects.filter(pk=import_id, status=ImportStatus.WAITING).update(
            status=ImportStatus.CANCELLED, finished_at=now
        )
    else:
        raise ImportIsBusy(import_id=import_id, status=record.status)
    audit(actor=actor, action="imports.cancel", subject_type="import", subject_id=import_id, now=now)
    return import_numbered(import_id)


def undo_import(*, actor: Actor, import_id: int, now: datetime) -> Import:
    """Take a whole import back: what it made is deleted, what it changed is as before, merges are undone.

    Raises:
        LaterImportsBuildOnIt: later imports hold rows of this one.
        ImportIsBusy: it is running, or was undone.
    """
    actor.require("imports.undo")
    record = import_numbered(import_id)
    with transaction.atomic():
        _begin_undo(record)
        audit(actor=actor, action="imports.undo", subject_type="import", subject_id=import_id, now=now)
        finish_undo(import_id=import_id, now=now)
    return import_numbered(import_id)


def start_undo(*, actor: Actor, import_id: int, now: datetime) -> Import:
    """Take a small import back at once, and let a job take a large one back.

    Raises:
        LaterImportsBuildOnIt: later imports hold rows of this one.
        ImportIsBusy: it is running, or was undone.
    """
    from yutang.ingest.tasks import undo_import as task

    actor.require("imports.undo")
    record = import_numbered(import_id)
    if record.rows_read <= ROWS_UNDONE_AT_ONCE:
        return undo_import(actor=actor, import_id=import_id, now=now)
    with transaction.atomic():
        _begin_undo(record)
        job = jobs.enqueue(task, {"import_id": import_id, "before": record.status}, now=now)
        Import.objects.filter(pk=import_id).update(job_id=job, problem=None)
        audit(actor=actor, action="imports.undo", subject_type="import", subject_id=import_id, now=now)
    return import_numbered(import_id)


def _begin_undo(record: Import) -> None:
    refuse_if_built_on(import_id=record.pk)
    undoable = {ImportStatus.DONE, ImportStatus.CANCELLED, ImportStatus.FAILED}
    if not Import.objects.filter(pk=record.pk, status__in=undoable).update(status=ImportStatus.UNDOING):
        raise ImportIsBusy(import_id=record.pk, status=record.status)


def discard_import(*, actor: Actor, import_id: int, now: datetime) -> None:
    """Throw away an import that has written nothing, with its copy of the file.

    Raises:
        ImportIsBusy: it has written rows, waits, runs or is done.
    """
    actor.require("imports.run")
    record = import_numbered(import_id)
    with transaction.atomic():
        unstarted = {ImportStatus.DRAFT, ImportStatus.CANCELLED, ImportStatus.FAILED}
        if not Import.objects.filter(pk=import_id, status__in=unstarted, batches_done=0).delete()[0]:
            raise ImportIsBusy(import_id=import_id, status=record.status)
        audit(actor=actor, action="imports.discard", subject_type="import", subject_id=import_id, now=now)
    shutil.rmtree(import_folder(import_id), ignore_errors=True)


def mend_rows(*, actor: Actor, mended: Mapping[int, Mapping[int, str]], now: datetime) -> Import:
    """Import kept rows of one import again with the cells that a person corrected.

    Args:
        actor: needs ``imports.run``.
        mended: kept row → {position of the cell: new cell}; header names may repeat. All rows belong to one sheet of one import.
        now: instant. Aware UTC.

    Returns:
        The new import, waiting to run; it continues the old one, so equal lines are not taken for known ones.
    """
    actor.require("imports.run")
    rows = list(QuarantinedRow.objects.filter(pk__in=mended, status="open").order_by("id"))
    if not rows or len({(r.source_id, r.sheet) for r in rows}) != 1:
        raise RowsAreGone
    origin = rows[0].source
    sheet = next(s for s in origin.plan["sheets"] if s["name"] == rows[0].sheet)
    with transaction.atomic():
        record = Import.objects.create(
            file_name=_mended_name(origin),
            target=sheet["target"],
            format=sheet["format"],
            platform=origin.platform,
            shop_name=origin.shop_name,
            encoding="utf-8",
            currency=origin.currency,
            exported_at=origin.exported_at,
            plan={
                **origin.plan,
                "sheets": [{**sheet, "sheet": 0}],
                "mended_rows": [r.pk for r in rows],
                "mended_row_numbers": [r.row_number for r in rows],
                "is_repeat": False,
            },
            actor_id=actor.staff_id,
            continues=origin,
            created_at=now,
        )
        path = empty_folder(record.pk) / "source.csv"
        _write_mended(path, rows, mended)
        record.stored_path, record.size_bytes = path.name, path.stat().st_size
        record.save(update_fields=["stored_path", "size_bytes"])
    return start_import(actor=actor, import_id=record.pk, now=now)


def _mended_name(origin: Import) -> str:
    """Return the name of the file that the rows came from, with how often rows of it have been mended."""
    times = 1
    while origin.continues is not None:
        origin, times = origin.continues, times + 1
    name = Path(origin.file_name)
    return f"{name.stem[:200]}-mend{times}{name.suffix[:20]}"


def dismiss_rows(*, actor: Actor, row_ids: list[int], now: datetime) -> int:
    """Mark kept rows as not to be imported; they stay visible. Return how many."""
    actor.require("imports.run")
    with transaction.atomic():
        n = QuarantinedRow.objects.filter(pk__in=row_ids, status="open").update(status="dismissed")
        audit(
            actor=actor,
            action="imports.dismiss_rows",
            subject_type="quarantined_row",
            detail={"rows": row_ids},
            now=now,
        )
    return n


def dismiss_rows_alike(*, actor: Actor, import_id: int, reason_code: str, column: str, now: datetime) -> int:
    """Mark all open kept rows of an import that have one reason in one column as not to be imported. Return how many."""
    actor.require("imports.run")
    import_numbered(import_id)
    alike = QuarantinedRow.objects.filter(source_id=import_id, status="open", reason_code=reason_code, column=column)
    with transaction.atomic():
        n = alike.update(status="dismissed")
        detail = {"reason": reason_code, "column": column, "rows": n}
        audit(
            actor=actor,
            action="imports.dismiss_rows",
            subject_type="import",
            subject_id=import_id,
            detail=detail,
            now=now,
        )
    return n


def _keep_copy(path: Path, import_id: int, name: str) -> tuple[str, str]:
    """Copy the file into the import's folder with owner-only rights; return its name there, and its SHA-256."""
    try:
        kept = empty_folder(import_id) / f"source{''.join(Path(name).suffixes[-2:])[:20]}"
        shutil.copyfile(path, kept)
        kept.chmod(0o600)
        with kept.open("rb") as file:
            return kept.name, hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        folder = import_folder(import_id)
        shutil.rmtree(folder, ignore_errors=True)
        detail = error.strerror or type(error).__name__
        raise FileCouldNotBeKept(file=name, folder=str(folder.parent), detail=detail) from error


def _write_mended(path: Path, rows: list[QuarantinedRow], mended: Mapping[int, Mapping[int, str]]) -> None:
    kept: list[dict[str, Any]] = [unseal(row.sealed_row) for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(kept[0]["header"])
        for row, record in zip(rows, kept, strict=True):
            _, cells = header_and_cells(record)
            for position, value in mended[row.pk].items():
                cells[position] = value
            writer.writerow(cells)


def _aware(instant: datetime | None) -> datetime | None:
    if instant is None or instant.tzinfo:
        return instant
    return instant.replace(tzinfo=UTC)
