"""Tasks of the room."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import transaction

from yutang.foundation import jobs
from yutang.webhooks.announcing import wake
from yutang.webhooks.delivering import deliver_round, is_due, next_due_at
from yutang.webhooks.models import Message

#: One job goes on for so long, then other work has its turn.
_SECONDS = 30.0
#: Deliveries that come due within this time are looked at by a job of their own, later ones by the schedule.
_SOON = timedelta(seconds=60)
#: What was told is kept so long, taken or not.
KEPT = timedelta(days=30)


@jobs.task(priority=10)
def deliver_webhooks(context: jobs.JobContext) -> dict[str, int]:
    """Send what is due, round after round; a receiver that fails rests until the next job."""
    until = time.monotonic() + _SECONDS
    failing: set[int] = set()
    sent = taken = 0
    while time.monotonic() < until:
        context.check_cancelled()
        done = deliver_round(leave_out=failing, clock=context.now)
        if not done.sent and not done.failing:
            break
        failing |= done.failing
        sent, taken = sent + done.sent, taken + done.taken
        context.progress(sent)
    _go_on(now=context.now())
    return {"sent": sent, "taken": taken}


@jobs.task()
def forget_webhooks(context: jobs.JobContext) -> dict[str, int]:
    """Delete messages whose time is over, with their deliveries."""
    return {"forgotten": Message.objects.filter(occurred_at__lt=context.now() - KEPT).delete()[0]}


def has_due_webhooks() -> bool:
    """Return whether anything is to be sent."""
    return is_due(now=datetime.now(UTC))


def has_messages() -> bool:
    """Return whether anything was ever told and is kept."""
    return Message.objects.exists()


def _go_on(*, now: datetime) -> None:
    """Ask for the next look where something comes due before the schedule looks."""
    due = next_due_at(now=now)
    if due is not None and due <= now + _SOON:
        with transaction.atomic():
            wake(now=now, at=max(due, now + timedelta(seconds=1)))
