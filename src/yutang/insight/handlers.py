"""What the room does when it hears of new orders, merges and rules of tags."""

from __future__ import annotations

from datetime import datetime, timedelta

from yutang.customers.events import MergeUndone, PeopleMerged, TagRuleChanged
from yutang.foundation import jobs
from yutang.foundation.models import Job, JobStatus
from yutang.foundation.outbox import handles
from yutang.ingest.events import ImportFinished, ImportUndone
from yutang.insight.tasks import follow_orders, give_rule_tags

#: Who decides about one pair decides about the next at once: they are followed together.
_PAUSE = timedelta(seconds=20)
#: Where following takes longer than this, it rests for so many times as long before it follows again, but not longer than the last:
#: files that come every minute would else keep a large shop's machine at nothing else.
_LONG, _RESTS, _LONGEST_REST = timedelta(seconds=20), 3, timedelta(minutes=30)


@handles(ImportFinished)
def follow_a_finished_import(event: ImportFinished, *, event_id: int, now: datetime) -> None:
    """Ask for everything derived to be brought up to date; also problems without a change belong on today's list."""
    _ask(event_id, now)


@handles(ImportUndone)
def follow_an_undone_import(event: ImportUndone, *, event_id: int, now: datetime) -> None:
    """Ask for everything derived to be brought up to date."""
    _ask(event_id, now)


@handles(PeopleMerged)
def follow_a_merge(event: PeopleMerged, *, event_id: int, now: datetime) -> None:
    """Ask for the scores of the one person that two records are now."""
    _ask(event_id, now, pause=_PAUSE)


@handles(MergeUndone)
def follow_an_undone_merge(event: MergeUndone, *, event_id: int, now: datetime) -> None:
    """Ask for the scores of the two people that one record is again."""
    _ask(event_id, now, pause=_PAUSE)


@handles(TagRuleChanged)
def follow_a_tag_rule(event: TagRuleChanged, *, event_id: int, now: datetime) -> None:
    """Ask for the tags by rule to be given anew, by the scores that there are."""
    if not Job.objects.filter(task_path=give_rule_tags.module_path, status=JobStatus.WAITING).exists():
        jobs.enqueue(give_rule_tags, {}, now=now, idempotency_key=f"give_rule_tags:{event_id}")


def _ask(event_id: int, now: datetime, *, pause: timedelta = timedelta(0)) -> None:
    """Enqueue the work unless it waits already: what waits starts later and sees this change too."""
    if not Job.objects.filter(task_path=follow_orders.module_path, status=JobStatus.WAITING).exists():
        at = max(now + pause, _rested_at(now))
        jobs.enqueue(follow_orders, {}, now=now, run_after=at, idempotency_key=f"follow_orders:{event_id}")


def _rested_at(now: datetime) -> datetime:
    """Return from when on following is due again, by how long it took last."""
    last = (
        Job.objects.filter(task_path=follow_orders.module_path, status=JobStatus.DONE).order_by("-id").first()
    )  # fmt: skip
    if last is None or last.started_at is None or last.finished_at is None:
        return now
    took = last.finished_at - last.started_at
    return last.finished_at + min(_RESTS * took, _LONGEST_REST) if took > _LONG else now
