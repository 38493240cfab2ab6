"""From the place in a group to the store: what was taken up, paid and given back is told to the room of visits, which invites people."""

from __future__ import annotations

from datetime import datetime

from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.groupbuy.finding import payment_key
from yutang.groupbuy.models import Seat
from yutang.groupbuy.neighbours import programme_of
from yutang.visits import actions
from yutang.visits.actions import NoSuchHook


def note_taken_up(*, seat_id: int) -> bool:
    """Tell that somebody took a place, paid or not, and return whether there is anybody to tell of; told again, nothing changes."""
    seat = Seat.objects.filter(pk=seat_id, customer__isnull=False).first()
    if seat is None or seat.customer_id is None:
        return False
    try:
        actions.note_hook(
            actor=Actor.system(),
            key=payment_key(seat_id),
            customer_id=seat.customer_id,
            source=programme_of(seat.campaign_id),
            hook_minor=seat.price_minor,
            store_id=seat.store_id,
            now=seat.joined_at,
        )
    except NoSuchCustomer:
        # Erased meanwhile.
        return False
    return True


def note_paid(*, seat_id: int, now: datetime) -> None:
    """Tell that a place is paid: the person is invited to the store."""
    if note_taken_up(seat_id=seat_id):
        actions.note_hook_paid(actor=Actor.system(), key=payment_key(seat_id), now=now)


def note_given_back(*, seat_id: int, now: datetime) -> None:
    """Tell that the money of a place went back."""
    try:
        actions.note_hook_refunded(actor=Actor.system(), key=payment_key(seat_id), now=now)
    except NoSuchHook:
        # The person was erased before it was told.
        return
