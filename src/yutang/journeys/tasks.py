"""Tasks of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.journeys import actions
from yutang.journeys.models import Playbook, PlaybookState


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
