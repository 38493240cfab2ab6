"""Tasks of the door for programs."""

from __future__ import annotations

from yutang.api.actions import forget_answers
from yutang.api.behaviour import find_people_later
from yutang.api.event_months import forget_older_events, make_event_months
from yutang.api.lake_marks import mark_new_events
from yutang.api.models import KeptAnswer
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.ingest.lake_sync import sync_lake


@jobs.task()
def forget_api_answers(context: jobs.JobContext) -> dict[str, int]:
    """Delete the answers to writing calls that were kept for a day."""
    return {"forgotten": forget_answers(actor=Actor.system(), now=context.now())}


@jobs.task()
def find_people_of_events(context: jobs.JobContext) -> dict[str, int]:
    """Give events their person that came before the person was known."""
    return {"found": find_people_later(now=context.now())}


@jobs.task()
def publish_events(context: jobs.JobContext) -> dict[str, int]:
    """Bring events of other systems into the lake."""
    months = mark_new_events(now=context.now())
    context.check_cancelled()
    report = sync_lake(now=context.now())
    return {"months": months, "tables": len(report.tables)}


@jobs.task()
def make_months_of_events(context: jobs.JobContext) -> dict[str, int]:
    """Make the parts in which PostgreSQL keeps the events of the months ahead."""
    return {"made": len(make_event_months(now=context.now()))}


@jobs.task()
def forget_months_of_events(context: jobs.JobContext) -> dict[str, int]:
    """Let go of events of months that are not kept any more."""
    forgotten = 0
    while some := forget_older_events(actor=Actor.system(), now=context.now()):
        forgotten += some
        context.check_cancelled()
    return {"forgotten": forgotten}


def has_answers() -> bool:
    """Return whether any answer is kept."""
    return KeptAnswer.objects.exists()
