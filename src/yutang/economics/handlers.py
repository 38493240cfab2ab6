"""What the room does when it hears of new orders."""

from __future__ import annotations

from datetime import datetime

from yutang.economics.models import Newcomer
from yutang.economics.tasks import watch_programmes
from yutang.foundation import jobs
from yutang.foundation.outbox import handles
from yutang.ingest.events import ImportFinished, ImportUndone


@handles(ImportFinished)
def follow_a_finished_import(event: ImportFinished, *, event_id: int, now: datetime) -> None:
    """Ask for newcomers' orders to be followed."""
    _ask(now)


@handles(ImportUndone)
def follow_an_undone_import(event: ImportUndone, *, event_id: int, now: datetime) -> None:
    """Ask for newcomers' orders to be followed."""
    _ask(now)


def _ask(now: datetime) -> None:
    if Newcomer.objects.exists() and not jobs.is_waiting(watch_programmes, by=now):
        jobs.enqueue(watch_programmes, {}, now=now)
