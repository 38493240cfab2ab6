"""Booking a visit, moving it, calling it off: one key books once, no slot is overbooked."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from yutang.customers.actions import welcome_in_store
from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import Store
from yutang.foundation.queries import organisation_setting
from yutang.foundation.sealing import seal
from yutang.kit import typed_codes
from yutang.visits.actions.places import exchange_place, give_place_back, take_place
from yutang.visits.events import Booked, Cancelled, Moved
from yutang.visits.finding import (
    BOOKINGS,
    CODE_LENGTH,
    booking_by_id,
    digest_of,
    person_within_reach,
    store_within_reach,
    terms_of,
    touch,
    view_of,
    zone_of,
)
from yutang.visits.models import Booking, BookingState
from yutang.visits.organisation import MOST_OPEN
from yutang.visits.programmes import USING, has_place_left, stores_of
from yutang.visits.refusals import (
    BookingIsOver,
    BookingKeyIsTaken,
    OfferIsUsedElsewhere,
    PlaceIsBooked,
    StoreTakesNoBookings,
    TimeIsNotOffered,
    TooManyBookings,
)
from yutang.visits.slots import is_offered
from yutang.visits.views import STATE_TITLES, BookingView, Terms

LONGEST_KEY, LONGEST_SOURCE = 140, 64


@transaction.atomic
def book(
    *,
    actor: Actor,
    key: str,
    customer_id: int,
    store_id: int,
    at: datetime,
    source: str,
    once: str = "",
    now: datetime,
) -> BookingView:
    """Book a visit and return it with its code; asked again under the same key, return the same one.

    Who belongs to no store belongs to this one from then on, so that the staff there see whom they expect.

    Args:
        actor: needs ``visits.book``; staff are not held to how many visits one may have booked.
        key: idempotency key. 1 to 140 characters.
        customer_id: who comes.
        store_id: where.
        at: beginning of one of the store's slots. Aware.
        source: what led to it, such as ``groupbuy:12``; empty: not known. At most 64 characters.
        once: how keys of visits begin that are booked with the same place: one place is one visit. Empty: no place is used.
        now: when. Aware UTC.

    Raises:
        NoSuchCustomer: there is none within reach.
        NoSuchVisitStore: there is none within reach.
        StoreTakesNoBookings: the store takes none at present.
        TimeIsNotOffered: no slot begins then, or it is too soon or too far away.
        SlotIsFull: all places are taken.
        OfferIsUsedElsewhere: what led to it is not used at this store.
        PlaceIsBooked: the place was used already, or is to be used on a visit that is booked.
        TooManyBookings: the person has as many visits to come as one may have.
        BookingKeyIsTaken: the key was used for another visit.
    """
    actor.require("visits.book")
    if not 0 < len(key) <= LONGEST_KEY or len(source) > LONGEST_SOURCE:
        raise ValueError("a key has 1 to 140 characters, a source at most 64")
    person = person_within_reach(actor, customer_id)
    # The same person's bookings come one after the other: a second click waits, and finds what the first one booked.
    bulk.one_at_a_time(f"visits.person:{person}")
    known = Booking.objects.select_related("store").filter(key=key).first()
    if known is not None:
        return _same(known, person, store_id, key)
    store = store_within_reach(actor, store_id)
    _hold_to_offer(store, source)
    if once:
        _use_once(person, once, source, now)
    _hold_to_most(actor, person, now)
    take_place(store_id=store.pk, starts_at=at, capacity=_offered(store, at, now).capacity)
    row = new_booking(actor, key, person, store, at, source, now)
    welcome_in_store(actor=actor, customer_id=person, store_id=store.pk, now=now)
    outbox.record(Booked(row.pk, person, store.pk, source, at), now=now)
    _note(actor, "visits.book", row, {"stores": store.pk, "starts": at.isoformat()}, now)
    return view_of(row, with_code=True)


@transaction.atomic
def move_booking(
    *, actor: Actor, booking_id: int, at: datetime, store_id: int | None = None, now: datetime
) -> BookingView:
    """Move a booked visit to another time, and to another store if one is named; its code stays.

    Args:
        actor: needs ``visits.book``.
        booking_id: which.
        at: beginning of a slot. Aware.
        store_id: where; None: where it was.
        now: when. Aware UTC.

    Raises:
        NoSuchBooking: there is none within reach.
        NoSuchVisitStore: there is none within reach.
        BookingIsOver: the visit took place, was missed or called off.
        OfferIsUsedElsewhere: what led to it is not used at this store.
        StoreTakesNoBookings: the store takes none at present.
        TimeIsNotOffered: no slot begins then, or it is too soon or too far away.
        SlotIsFull: all places are taken.
    """
    actor.require("visits.book")
    row = _locked(actor, booking_id)
    store = row.store if store_id in {None, row.store_id} else store_within_reach(actor, int(store_id or 0))
    if (store.pk, at) == (row.store_id, row.starts_at):
        return view_of(row, with_code=True)
    _hold_to_offer(store, row.source)
    exchange_place(
        store_id=store.pk,
        starts_at=at,
        capacity=_offered(store, at, now).capacity,
        left_store_id=row.store_id,
        left_starts_at=row.starts_at,
    )
    days = [row.business_date, at.astimezone(zone_of(store)).date()]
    row.store, row.starts_at, row.business_date, row.moves, row.near_told_at = store, at, days[1], row.moves + 1, None
    row.save(update_fields=["store", "starts_at", "business_date", "moves", "near_told_at"])
    touch(BOOKINGS, days, now=now)
    outbox.record(Moved(row.pk, row.customer_id or 0, store.pk, row.source, at), now=now)
    _note(actor, "visits.move", row, {"stores": store.pk, "starts": at.isoformat()}, now)
    return view_of(row, with_code=True)


@transaction.atomic
def cancel_booking(*, actor: Actor, booking_id: int, now: datetime) -> None:
    """Call a booked visit off; its place is free again. Called off once more, nothing happens.

    Raises:
        NoSuchBooking: there is none within reach.
        BookingIsOver: the visit took place, or was missed.
    """
    actor.require("visits.book")
    if booking_by_id(actor, booking_id).state == BookingState.CANCELLED:
        return
    row = _locked(actor, booking_id)
    give_place_back(store_id=row.store_id, starts_at=row.starts_at)
    row.state, row.holds_place, row.ended_at = BookingState.CANCELLED, False, now
    row.save(update_fields=["state", "holds_place", "ended_at"])
    touch(BOOKINGS, [row.business_date], now=now)
    outbox.record(Cancelled(row.pk, row.customer_id or 0, row.store_id, row.source), now=now)
    _note(actor, "visits.cancel", row, {}, now)


def new_booking(
    actor: Actor,
    key: str,
    person: int,
    store: Store,
    at: datetime,
    source: str,
    now: datetime,
    *,
    has_slot: bool = True,
) -> Booking:
    """Write a booking with a code of its own in the caller's transaction, and return it."""
    code = typed_codes.made_code(CODE_LENGTH)
    row = Booking.objects.create(
        key=key,
        customer_id=person,
        store=store,
        starts_at=at,
        business_date=at.astimezone(zone_of(store)).date(),
        source=source,
        holds_place=has_slot,
        digest=digest_of(code),
        sealed_code=seal({"code": code}),
        made_at=now,
        made_by_id=actor.staff_id,
        **(
            {}
            if has_slot
            else {"state": BookingState.CAME, "came_at": now, "came_date": at.astimezone(zone_of(store)).date()}
        ),
    )
    touch(BOOKINGS, [row.business_date], now=now)
    return row


def _same(known: Booking, person: int, store_id: int, key: str) -> BookingView:
    """Return what an earlier call with the key booked; it may have been moved since, but not to somebody else."""
    if known.customer_id != person or (not known.moves and known.store_id != store_id):
        raise BookingKeyIsTaken(key=key)
    return view_of(known, with_code=True)


def _offered(store: Store, at: datetime, now: datetime) -> Terms:
    """Return the terms of a store that offers a slot that begins then."""
    terms = terms_of([store.pk]).get(store.pk)
    if terms is None or not terms.takes_bookings or not terms.hours:
        raise StoreTakesNoBookings(store=store.name)
    if not is_offered(terms, at, zone=zone_of(store), now=now):
        raise TimeIsNotOffered(store=store.name)
    return terms


def _hold_to_most(actor: Actor, person: int, now: datetime) -> None:
    """Refuse who has as many visits to come as one may have; staff know what they do."""
    if actor.staff_id is not None:
        return
    most = int(organisation_setting(MOST_OPEN))
    if Booking.objects.filter(customer_id=person, state=BookingState.BOOKED, starts_at__gt=now).count() >= most:
        raise TooManyBookings(most=most)


def _hold_to_offer(store: Store, source: str) -> None:
    """Refuse a visit to a store at which what led to it is not used."""
    used_at = stores_of(source)
    if used_at is not None and store.pk not in used_at:
        raise OfferIsUsedElsewhere(store=store.name)


def _use_once(person: int, once: str, source: str, now: datetime) -> None:
    """Refuse a second visit with one place. Who missed the first books anew, and its code opens nothing any more."""
    own = Booking.objects.filter(customer_id=person, key__startswith=once)
    if own.filter(state__in=USING).exists() or not has_place_left(customer_id=person, source=source):
        raise PlaceIsBooked
    for row in own.filter(state=BookingState.MISSED, business_date__gte=timezone.localtime(now).date()):
        row.digest, row.sealed_code = secrets.token_bytes(16), seal({})
        row.save(update_fields=["digest", "sealed_code"])


def _locked(actor: Actor, booking_id: int) -> Booking:
    """Return a booking that is still to come true, locked to the end of the transaction."""
    row = booking_by_id(actor, booking_id)
    # On SQLite the transaction itself holds the one write lock; the join would lock the store too.
    state = Booking.objects.select_for_update().values_list("state", flat=True).get(pk=row.pk)
    row.refresh_from_db(fields=["state", "starts_at", "business_date", "store", "moves"])
    if state != BookingState.BOOKED:
        raise BookingIsOver(state=STATE_TITLES[state])
    return row


def _note(actor: Actor, action: str, row: Booking, detail: dict[str, object], now: datetime) -> None:
    audit(actor=actor, action=action, subject_type="booking", subject_id=row.pk, detail=detail, now=now)
