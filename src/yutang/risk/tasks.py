"""Tasks of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.risk.actions import forget_old, weave_traces
from yutang.risk.models import Trace


@jobs.task()
def weave_ties(context: jobs.JobContext) -> dict[str, int]:
    """Weave what was asked since into the web of ties, batch by batch."""
    woven = 0
    while some := weave_traces(actor=Actor.system(), now=context.now()):
        woven += some
        context.check_cancelled()
    return {"woven": woven}


@jobs.task()
def forget_decisions(context: jobs.JobContext) -> dict[str, int]:
    """Delete decisions and traces that are over."""
    return forget_old(actor=Actor.system(), now=context.now())


def has_traces_to_weave() -> bool:
    """Return whether somebody asked since the last weaving."""
    return Trace.objects.filter(is_woven=False).exists()
