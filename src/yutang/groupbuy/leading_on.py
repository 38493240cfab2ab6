"""From the place in a group to the store: what was taken up, paid and given back is told to the room of visits, which invites people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.customers.actions import welcome_in_store
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.groupbuy.finding import payment_key
from yutang.groupbuy.models import Campaign, Seat, SeatState
from yutang.groupbuy.neighbours import campaign_of, programme_of
from yutang.visits import actions
from yutang.visits.actions import NoSuchHook
from yutang.visits.views import PlaceBack


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
    """Tell that a place is paid: the person is invited to the store, and belongs to it if they belong to none."""
    if note_taken_up(seat_id=seat_id):
        actions.note_hook_paid(actor=Actor.system(), key=payment_key(seat_id), now=now)
        _welcome(seat_id, now)


def _welcome(seat_id: int, now: datetime) -> None:
    """Let somebody of no store belong to the one at which a paid place is used: the only one of the offer, or the nearest one."""
    seat = Seat.objects.get(pk=seat_id)
    used_at = stores_used_at(programme_of(seat.campaign_id)) or frozenset()
    store_id = next(iter(used_at)) if len(used_at) == 1 else seat.store_id
    if seat.customer_id is not None and store_id is not None:
        welcome_in_store(actor=Actor.system(), customer_id=seat.customer_id, store_id=store_id, now=now)


def note_given_back(*, seat_id: int, now: datetime) -> None:
    """Tell that the money of a place went back; what was booked with it is called off, unless that was done with the giving back."""
    seat = Seat.objects.filter(pk=seat_id).first()
    if seat is not None and seat.state != SeatState.PAID:
        call_off_visits([seat], now=now)
    try:
        actions.note_hook_refunded(actor=Actor.system(), key=payment_key(seat_id), now=now)
    except NoSuchHook:
        # The person was erased before it was told.
        return


def call_off_visits(seats: Sequence[Seat], *, now: datetime) -> int:
    """Call off, in the caller's transaction, what was booked with places of which money goes back, and return how many visits those were.

    Of who has no other paid place of the campaign every visit that counts for it is called off, also one that was booked by a link.
    """
    own = [one for one in seats if one.customer_id is not None]
    others = Seat.objects.filter(
        customer_id__in=[one.customer_id for one in own],
        campaign_id__in={one.campaign_id for one in own},
        state=SeatState.PAID,
    ).exclude(pk__in=[one.pk for one in own])
    staying = set(others.order_by().values_list("customer_id", "campaign_id"))
    places = [
        PlaceBack(
            customer_id=one.customer_id or 0,
            source="" if (one.customer_id, one.campaign_id) in staying else programme_of(one.campaign_id),
            key_starts=booked_by(one.pk),
        )
        for one in own
    ]
    return actions.call_off_given_back(actor=Actor.system(), places=places, now=now)


def stores_used_at(source: str) -> frozenset[int] | None:
    """Return the stores at which the offer is used that led to a visit; None: any."""
    campaign_id = campaign_of(source)
    if campaign_id is None:
        return None
    used_at = Campaign.stores.through.objects.filter(campaign_id=campaign_id).values_list("store_id", flat=True)
    return frozenset(used_at) or None


def booked_by(seat_id: int) -> str:
    """Return how the keys of visits begin that are booked with a place."""
    return f"seat:{seat_id}:"
