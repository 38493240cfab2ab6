"""The import as a job."""

from __future__ import annotations

from datetime import datetime

from yutang.foundation.jobs import JobCancelled, JobContext, JobInterrupted, task
from yutang.foundation.models import JobStatus
from yutang.ingest.models import Import, ImportStatus
from yutang.ingest.running import run
from yutang.ingest.undoing import finish_undo
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

_BROKE_OFF = N_(
    "The import broke off by a fault of the software (%(error)s). What is written stays; start it again to go on."
)
_WORKER_DIED = N_("The worker died several times at this import. What is written stays; start it again to go on.")

_UNDO_BROKE_OFF = N_("The undo broke off by a fault of the software (%(error)s). Nothing was taken back; try it again.")
_UNDO_DIED = N_("The worker died several times at this undo. Nothing was taken back; try it again.")


@task(max_attempts=5, when_abandoned="yutang.ingest.tasks.note_abandoned")
def run_import(context: JobContext, *, import_id: int) -> None:
    """Bring an import to its end; a refusal of the file is the import's result, not a failure of the job."""
    try:
        run(import_id=import_id, watcher=context, clock=context.now)
    except JobCancelled:
        _end(import_id, ImportStatus.CANCELLED, None, context.now())
        raise
    except (DomainError, JobInterrupted) as stop:
        if not isinstance(stop, DomainError):
            raise
    except Exception as fault:
        _end(import_id, ImportStatus.FAILED, Sentence(_BROKE_OFF, {"error": type(fault).__name__}), context.now())
        raise


@task(max_attempts=3, when_abandoned="yutang.ingest.tasks.note_undo_abandoned")
def undo_import(context: JobContext, *, import_id: int, before: str) -> None:
    """Take a large import back; where that does not come to its end, the import stands as it did before."""
    context.progress(0, None, Sentence(N_("Taking everything back")))
    try:
        finish_undo(import_id=import_id, now=context.now())
    except JobInterrupted:
        raise
    except DomainError as refusal:
        _stand_as_before(import_id, before, refusal.sentence)
        raise
    except Exception as fault:
        _stand_as_before(import_id, before, Sentence(_UNDO_BROKE_OFF, {"error": type(fault).__name__}))
        raise


def note_undo_abandoned(*, import_id: int, before: str, status: str, now: datetime) -> None:
    """Let an import whose undo was cancelled, or killed too often, stand as it did before."""
    _stand_as_before(import_id, before, None if status == JobStatus.CANCELLED else Sentence(_UNDO_DIED))


def _stand_as_before(import_id: int, before: str, problem: Sentence | None) -> None:
    Import.objects.filter(pk=import_id, status=ImportStatus.UNDOING).update(
        status=before, problem=problem.as_json() if problem else None
    )


def note_abandoned(*, import_id: int, status: str, now: datetime) -> None:
    """Bring the import in line with its job when the job ended without this task having seen it."""
    if status == JobStatus.CANCELLED:
        _end(import_id, ImportStatus.CANCELLED, None, now)
    else:
        _end(import_id, ImportStatus.FAILED, Sentence(_WORKER_DIED), now)


def _end(import_id: int, status: ImportStatus, problem: Sentence | None, now: datetime) -> None:
    Import.objects.filter(pk=import_id).exclude(status=ImportStatus.DONE).update(
        status=status, problem=problem.as_json() if problem else None, finished_at=now
    )
