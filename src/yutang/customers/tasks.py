"""Tasks of the room."""

from __future__ import annotations

from yutang.customers import actions
from yutang.foundation import jobs
from yutang.foundation.access import Actor


@jobs.task()
def expire_tags(context: jobs.JobContext) -> dict[str, int]:
    """Take back the tags whose time is over."""
    return {"expired": actions.expire_tags(actor=Actor.system(), now=context.now())}
