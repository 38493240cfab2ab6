"""Tasks of the room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.visits.actions import follow_bookings
from yutang.visits.models import Booking, BookingState


@jobs.task()
def follow_visits(context: jobs.JobContext) -> dict[str, int]:
    """Tell which booked visits are near, and write down which were missed."""
    return follow_bookings(actor=Actor.system(), now=context.now())


def has_visits_to_follow() -> bool:
    """Return whether a visit is booked for the next week, or its time is past."""
    ahead = datetime.now(UTC) + timedelta(days=7)
    return Booking.objects.filter(state=BookingState.BOOKED, starts_at__lt=ahead).exists()
