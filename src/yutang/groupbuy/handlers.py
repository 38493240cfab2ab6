"""What group-buying does when payments come in, or do not. The pages do the same at once; the second of both changes nothing."""

from __future__ import annotations

from datetime import datetime

from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.groupbuy.actions import give_up_seat, take_paid_seat
from yutang.groupbuy.actions.paying import seat_of_purpose
from yutang.payments.events import Failed, Paid


@handles(Paid)
def take_seats(event: Paid, *, event_id: int, now: datetime) -> None:
    """Take the place that was paid for."""
    seat_id = seat_of_purpose(event.purpose)
    if seat_id is not None:
        take_paid_seat(actor=Actor.system(), seat_id=seat_id, now=now)


@handles(Failed)
def free_places(event: Failed, *, event_id: int, now: datetime) -> None:
    """Free the place whose payment was given up."""
    seat_id = seat_of_purpose(event.purpose)
    if seat_id is not None:
        give_up_seat(actor=Actor.system(), seat_id=seat_id, now=now)
