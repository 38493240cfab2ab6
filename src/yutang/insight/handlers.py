"""What the room does when it hears of new orders."""

from __future__ import annotations

from datetime import datetime

from yutang.foundation import jobs
from yutang.foundation.models import Job, JobStatus
from yutang.foundation.outbox import handles
from yutang.ingest.events import ImportFinished, ImportUndone
from yutang.insight.tasks import follow_orders


@handles(ImportFinished)
def follow_a_finished_import(event: ImportFinished, *, event_id: int, now: datetime) -> None:
    """Ask for everything derived to be brought up to date; also problems without a change belong on today's list."""
    _ask(event_id, now)


@handles(ImportUndone)
def follow_an_undone_import(event: ImportUndone, *, event_id: int, now: datetime) -> None:
    """Ask for everything derived to be brought up to date."""
    _ask(event_id, now)


def _ask(event_id: int, now: datetime) -> None:
    """Enqueue the work unless it waits already: what waits starts later and sees this change too."""
    if not Job.objects.filter(task_path=follow_orders.module_path, status=JobStatus.WAITING).exists():
        jobs.enqueue(follow_orders, {}, now=now, idempotency_key=f"follow_orders:{event_id}")
