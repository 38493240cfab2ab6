"""Tasks of the room."""

from __future__ import annotations

from dataclasses import asdict

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.segments import actions


@jobs.task()
def refresh_segments(context: jobs.JobContext) -> dict[str, int]:
    """Take a snapshot of every saved segment."""

    def told(done: int, total: int) -> None:
        context.check_cancelled()
        context.progress(done, total)

    return asdict(actions.refresh_segments(actor=Actor.system(), told=told, now=context.now()))
