"""Tasks of the room."""

from __future__ import annotations

from yutang.experiments import actions
from yutang.foundation import jobs
from yutang.foundation.access import Actor


@jobs.task()
def read_experiments(context: jobs.JobContext) -> dict[str, int]:
    """Read what followed of every experiment that is not over."""

    def told(done: int, total: int) -> None:
        context.check_cancelled()
        context.progress(done, total)

    return {"experiments": actions.read_results(actor=Actor.system(), told=told, now=context.now())}
