"""Tasks of the room."""

from __future__ import annotations

from datetime import datetime

from yutang.codes.leading import leads_into_groups
from yutang.communities.tasks import has_groups
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.journeys import actions, leading_newcomers
from yutang.journeys.models import Playbook, PlaybookState
from yutang.referral.tasks import has_friends_to_follow


@jobs.task(priority=5)
def run_playbooks(context: jobs.JobContext) -> dict[str, int]:
    """Let in to whom the triggers happened, and move on whoever is due."""

    def told(moved: int) -> None:
        context.check_cancelled()
        context.progress(moved)

    report = actions.run_playbooks(actor=Actor.system(), told=told, now=context.now())
    return {"entered": report.entered, "held": report.held, "moved": report.moved, "ended": report.ended}


@jobs.task()
def drop_stale_tasks(context: jobs.JobContext) -> dict[str, int]:
    """Take tasks of playbooks off the lists that nobody did in time."""
    return {"lapsed": actions.drop_stale_tasks(actor=Actor.system(), now=context.now())}


def is_any_running() -> bool:
    """Return whether a playbook runs."""
    return Playbook.objects.filter(state=PlaybookState.RUNNING).exists()


@jobs.task(priority=10)
def lead_newcomers(context: jobs.JobContext) -> dict[str, int]:
    """Keep places in groups for who came by channel codes and by invitations."""
    return leading_newcomers.lead_waiting(now=context.now())


def ask_to_lead(*, now: datetime) -> None:
    """Let a worker keep places for whoever came, in the caller's transaction."""
    if not jobs.is_waiting(lead_newcomers, by=now):
        jobs.enqueue(lead_newcomers, {}, now=now)


def leads_anybody() -> bool:
    """Return whether there are groups, and codes or programmes that lead into them."""
    return has_groups() and (leads_into_groups() or has_friends_to_follow())
