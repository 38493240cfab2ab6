"""A group of buyers, and somebody's place in it, for tests that ask every address."""

from __future__ import annotations

from datetime import timedelta

from tests.conftest import NOW
from yutang.groupbuy.models import Group, Seat


def buying_group(campaign_id: int) -> int:
    """Return a group that is filling."""
    made = Group.objects.create(
        campaign_id=campaign_id, code=f"group{campaign_id}", size=5, price_minor=9_900, most_regulars=5, taken=5, regulars=5,
        started_at=NOW, started_date=NOW.date(), ends_at=NOW + timedelta(hours=24),
    )  # fmt: skip
    return made.pk


def buying_seat(group_id: int, customer_id: int, *, key: int | None = None) -> int:
    """Return a place in a group that is held for somebody."""
    group = Group.objects.get(pk=group_id)
    return Seat.objects.create(
        pk=key, group=group, campaign_id=group.campaign_id, customer_id=customer_id, key=f"seat{customer_id}",
        token=f"token{customer_id}", price_minor=group.price_minor, joined_at=NOW, joined_date=NOW.date(),
        hold_until=NOW + timedelta(minutes=15),
    ).pk  # fmt: skip
