"""Tasks of the room."""

from __future__ import annotations

from datetime import UTC, datetime

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.groupbuy.actions import count_courses, end_groups, lapse_holds
from yutang.groupbuy.models import Group, GroupState, Seat, SeatState


@jobs.task(priority=10)
def follow_groups(context: jobs.JobContext) -> dict[str, int]:
    """Free places that were not paid, end groups whose time is over, and count how they went for the odds."""
    system, now = Actor.system(), context.now()
    freed = lapse_holds(actor=system, now=now)
    ended = end_groups(actor=system, now=now)
    return {"freed": freed, "ended": ended, "counted": count_courses(actor=system, now=now)}


def has_groups_to_follow() -> bool:
    """Return whether a place or a group is over, or one that has ended was not counted yet."""
    now = datetime.now(UTC)
    held = Seat.objects.filter(state=SeatState.HELD, hold_until__lte=now)
    over = Group.objects.filter(state=GroupState.OPEN, ends_at__lte=now)
    empty = Group.objects.filter(state=GroupState.OPEN, taken=0)
    uncounted = Group.objects.filter(is_counted=False).exclude(state=GroupState.OPEN)
    return held.exists() or over.exists() or uncounted.exists() or empty.exists()
