"""Tasks of the room."""

from __future__ import annotations

from datetime import UTC, datetime

from yutang.economics.actions import decide_who_was_kept, follow_sales, look_at
from yutang.economics.looking import KEPT_AFTER
from yutang.economics.models import Newcomer, Outcome, Programme
from yutang.foundation import jobs
from yutang.foundation.access import Actor


@jobs.task(priority=10)
def watch_programmes(context: jobs.JobContext) -> dict[str, int]:
    """Bring newcomers' orders, decide about those whose days are over, and look at every programme of which something is new."""
    sold = follow_sales(actor=Actor.system(), now=context.now())
    decided = decide_who_was_kept(actor=Actor.system(), now=context.now())
    keys = list(Programme.objects.filter(is_due=True).order_by("id").values_list("key", flat=True))
    for key in keys:
        context.check_cancelled()
        look_at(actor=Actor.system(), programme=key, now=context.now())
    return {"sold": sold, "decided": decided, "looked_at": len(keys)}


def is_something_due() -> bool:
    """Return whether a programme waits to be looked at, or a newcomer to be decided about."""
    old = Newcomer.objects.filter(outcome=Outcome.OPEN, joined_at__lte=datetime.now(UTC) - KEPT_AFTER)
    return Programme.objects.filter(is_due=True).exists() or old.exists()
