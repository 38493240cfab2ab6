"""Who came: checked in by a code, once, on the day of the booking; or noted without one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.customers.actions import welcome_in_store
from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.visits.actions.booking import LONGEST_KEY, LONGEST_SOURCE, new_booking
from yutang.visits.events import Came
from yutang.visits.finding import (
    BOOKINGS,
    GIVEN_BACK,
    booking_by_code,
    booking_by_id,
    is_today,
    person_within_reach,
    store_within_reach,
    touch,
    view_of,
    zone_of,
)
from yutang.visits.models import Booking, BookingState
from yutang.visits.refusals import (
    BookingIsElsewhere,
    BookingIsOnAnotherDay,
    BookingKeyIsTaken,
    BookingWasCalledOff,
    CameAlready,
    NobodyCameYet,
    PlaceWasGivenBack,
)
from yutang.visits.views import BookingView


@transaction.atomic
def check_in(*, actor: Actor, code: str, now: datetime) -> BookingView:
    """Check a customer in by the code of the booking, once, and return the booking.

    Who comes late the same day is checked in even where the visit counts as missed already.

    Args:
        actor: needs ``visits.book`` and the store within reach.
        code: as it was typed or scanned.
        now: when. Aware UTC.

    Raises:
        CheckInCodeIsMistyped: its check character does not fit.
        CheckInCodeIsUnknown: no booking has it.
        BookingIsElsewhere: the store is out of reach.
        BookingIsOnAnotherDay: it is not for today.
        BookingWasCalledOff: it was called off.
        PlaceWasGivenBack: it was called off because the money of its place went back.
        CameAlready: the code was used.
    """
    actor.require("visits.book")
    row = booking_by_code(code)
    if not actor.reaches(row.store_id):
        raise BookingIsElsewhere(store=row.store.name)
    return _checked_in(actor, row, now)


@transaction.atomic
def note_visit(
    *, actor: Actor, key: str, customer_id: int, store_id: int, source: str = "", now: datetime
) -> BookingView:
    """Note that somebody is in the store without having booked, and return the visit; the same key notes it once.

    Args:
        actor: needs ``visits.book``.
        key: idempotency key. 1 to 140 characters.
        customer_id: who.
        store_id: where.
        source: what led to it; empty: not known.
        now: when. Aware UTC.

    Raises:
        NoSuchCustomer: there is none within reach.
        NoSuchVisitStore: there is none within reach.
        BookingKeyIsTaken: the key was used for another visit.
    """
    actor.require("visits.book")
    if not 0 < len(key) <= LONGEST_KEY or len(source) > LONGEST_SOURCE:
        raise ValueError("a key has 1 to 140 characters, a source at most 64")
    person = person_within_reach(actor, customer_id)
    bulk.one_at_a_time(f"visits.person:{person}")
    known = Booking.objects.select_related("store").filter(key=key).first()
    if known is not None:
        if (known.customer_id, known.store_id) != (person, store_id):
            raise BookingKeyIsTaken(key=key)
        return view_of(known)
    store = store_within_reach(actor, store_id)
    row = new_booking(actor, key, person, store, now, source, now, has_slot=False)
    Booking.objects.filter(pk=row.pk).update(checked_in_by_id=actor.staff_id)
    _tell(actor, row, now)
    return view_of(row)


@transaction.atomic
def note_offer(*, actor: Actor, booking_id: int, now: datetime) -> None:
    """Note that an upgrade was offered to somebody who came; the first offer counts.

    Args:
        actor: needs ``visits.book``.
        booking_id: which visit.
        now: when. Aware UTC.

    Raises:
        NoSuchBooking: there is none within reach.
        NobodyCameYet: the customer is not checked in.
    """
    actor.require("visits.book")
    row = booking_by_id(actor, booking_id)
    if row.state != BookingState.CAME:
        raise NobodyCameYet
    if Booking.objects.filter(pk=row.pk, offered_at=None).update(offered_at=now, offered_by_id=actor.staff_id):
        touch(BOOKINGS, [row.business_date], now=now)
        audit(actor=actor, action="visits.offer", subject_type="booking", subject_id=row.pk, now=now)


@transaction.atomic
def check_in_by_hand(*, actor: Actor, booking_id: int, now: datetime) -> BookingView:
    """Check in a customer who has no code at hand and is known to the staff; as `check_in`.

    Args:
        actor: needs ``visits.book`` and the store within reach.
        booking_id: which booking.
        now: when. Aware UTC.

    Raises:
        NoSuchBooking: there is none within reach.
        BookingIsOnAnotherDay: it is not for today.
        BookingWasCalledOff: it was called off.
        PlaceWasGivenBack: it was called off because the money of its place went back.
        CameAlready: it is checked in.
    """
    actor.require("visits.book")
    return _checked_in(actor, booking_by_id(actor, booking_id), now)


def _checked_in(actor: Actor, row: Booking, now: datetime) -> BookingView:
    if row.state == BookingState.CAME and row.came_at is not None:
        raise CameAlready(came_at=row.came_at.isoformat())
    if row.state == BookingState.CANCELLED:
        raise PlaceWasGivenBack if row.ended_why == GIVEN_BACK else BookingWasCalledOff
    if not is_today(row, now=now):
        raise BookingIsOnAnotherDay(starts_at=row.starts_at.isoformat())
    day = now.astimezone(zone_of(row.store)).date()
    waiting = Booking.objects.filter(pk=row.pk, state__in=(BookingState.BOOKED, BookingState.MISSED))
    if not waiting.update(
        state=BookingState.CAME, came_at=now, came_date=day, checked_in_by_id=actor.staff_id, ended_at=None
    ):
        # Somebody was faster by a moment.
        raise CameAlready(came_at=now.isoformat())
    row.refresh_from_db(fields=["state", "came_at", "came_date"])
    touch(BOOKINGS, [row.business_date], now=now)
    _tell(actor, row, now)
    return view_of(row)


def _tell(actor: Actor, row: Booking, now: datetime) -> None:
    if row.customer_id is not None:
        welcome_in_store(actor=actor, customer_id=row.customer_id, store_id=row.store_id, now=now)
        outbox.record(Came(row.pk, row.customer_id, row.store_id, row.source), now=now)
    detail = {"stores": row.store_id}
    audit(actor=actor, action="visits.check_in", subject_type="booking", subject_id=row.pk, detail=detail, now=now)
