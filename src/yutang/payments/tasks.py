"""Tasks of the room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.payments.actions import follow_payments, send_refunds
from yutang.payments.models import Payment, Refund, State


@jobs.task(priority=10)
def give_back(context: jobs.JobContext) -> dict[str, int]:
    """Send refunds to their providers, until none is due."""
    counts: dict[str, int] = {}
    while True:
        context.check_cancelled()
        some = send_refunds(actor=Actor.system(), now=context.now())
        counts = {name: counts.get(name, 0) + some.get(name, 0) for name in {*counts, *some}}
        if not some:
            return counts


@jobs.task()
def follow_open_payments(context: jobs.JobContext) -> dict[str, int]:
    """Ask providers about payments of which no notice came."""
    return follow_payments(actor=Actor.system(), now=context.now())


def has_open_payments() -> bool:
    """Return whether a payment waits for its notice."""
    return Payment.objects.filter(state=State.ASKED, asked_at__lte=datetime.now(UTC) - timedelta(minutes=2)).exists()


def has_open_refunds() -> bool:
    """Return whether money is to go back."""
    return Refund.objects.filter(state__in=("asked", "sent"), due_at__lte=datetime.now(UTC)).exists()
