"""The full look of each night, which finds what callbacks did not tell."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.wecom.actions import ask_for_sync


@jobs.task()
def sync_nightly(context: jobs.JobContext) -> dict[str, int]:
    """Ask for a full look."""
    return {"job": ask_for_sync(actor=Actor.system(), now=context.now())}
