"""Tasks of the room."""

from __future__ import annotations

from datetime import UTC, datetime

from yutang.customers import actions, merging
from yutang.foundation import jobs
from yutang.foundation.access import Actor


@jobs.task()
def expire_tags(context: jobs.JobContext) -> dict[str, int]:
    """Take back the tags whose time is over."""
    return {"expired": actions.expire_tags(actor=Actor.system(), now=context.now())}


@jobs.task()
def bring_what_came_late(context: jobs.JobContext) -> dict[str, int]:
    """Give the people of recent merges what was written for who they were while they were merged."""
    return {"rows": actions.bring_what_came_late(actor=Actor.system(), now=context.now())}


def has_recent_merges() -> bool:
    """Return whether people were merged lately."""
    return merging.recent_merges(now=datetime.now(UTC)).exists()
