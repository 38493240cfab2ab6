"""Guests: people of any store who have a visit at one within reach. The visit opens what serving them needs, and nothing else of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from yutang.customers.queries import customer_rows
from yutang.foundation.access import Actor
from yutang.kit.text import Sentence
from yutang.visits.finding import bookings_within_reach
from yutang.visits.models import BookingState

__all__ = ["SERVED_AFTER", "guest_names", "guests"]

#: So long after the check-in somebody is still served as a guest: who comes back within the week to pay is.
SERVED_AFTER = timedelta(days=7)
#: Who is late on the day of the visit is still awaited; a day holds for every zone of a store.
_AWAITED_AFTER = timedelta(days=1)


def guests(*, access: Actor, customer_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Return those of the people who are awaited at a store within reach, or came there within `SERVED_AFTER`, with the latest such visit.

    Nobody for who may not see visits. One query, however many people.

    Args:
        access: who serves them.
        customer_ids: among whom.
        now: when. Aware UTC.
    """
    if not access.can("visits.view"):
        return {}
    awaited = Q(state__in=(BookingState.BOOKED, BookingState.MISSED), starts_at__gt=now - _AWAITED_AFTER)
    served = Q(state=BookingState.CAME, came_at__gt=now - SERVED_AFTER)
    rows = bookings_within_reach(access).filter(awaited | served, customer_id__in=list(customer_ids))
    found = rows.order_by("starts_at", "id").values_list("customer_id", "id")
    return {customer_id: booking_id for customer_id, booking_id in found if customer_id is not None}


def guest_names(*, access: Actor, customer_ids: Sequence[int], now: datetime) -> dict[int, Sentence | str]:
    """Return what those of the people are called, masked, who are guests of a store within reach.

    Args:
        access: needs ``customers.view``.
        customer_ids: among whom.
        now: when. Aware UTC.
    """
    access.require("customers.view")
    there = guests(access=access, customer_ids=customer_ids, now=now)
    if not there:
        return {}
    return {key: row.name for key, row in customer_rows(access=Actor.system(), ids=sorted(there)).items()}
