"""Finding stores, bookings and people for the room's own actions and queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.foundation.sealing import digest16, unseal
from yutang.ingest import journal
from yutang.kit import typed_codes
from yutang.visits.models import Booking, BookingTerms, ClosedDay, Hook, OpeningHours
from yutang.visits.refusals import CheckInCodeIsMistyped, CheckInCodeIsUnknown, NoSuchBooking, NoSuchVisitStore
from yutang.visits.views import BookingView, Hours, Terms

#: Random characters and one to check: 7 x log2(31) = 34.7 bits, and only staff within reach can try one.
CODE_LENGTH = 8
#: Values of one statement.
AT_ONCE = 5_000
#: Why a booking was called off: the money of the place that it would have used went back.
GIVEN_BACK = "given_back"
BOOKINGS, HOOKS = Booking._meta.db_table, Hook._meta.db_table
_HASH = "check-in"

T = TypeVar("T")


def store_within_reach(access: Actor, store_id: int) -> Store:
    """Return a store that the actor reaches.

    Raises:
        NoSuchVisitStore: there is none.
    """
    store = Store.objects.filter(pk=store_id).first() if access.reaches(store_id) else None
    if store is None:
        raise NoSuchVisitStore(store=store_id)
    return store


def person_within_reach(access: Actor, customer_id: int) -> int:
    """Return the key of a person whom the actor reaches; of who was merged, of the person it is now.

    Raises:
        NoSuchCustomer: there is none.
    """
    found = Customer.objects.filter(pk=customer_id).values_list("pk", "merged_into_id", "store_id").first()
    if found is not None and found[1] is not None:
        found = Customer.objects.filter(pk=found[1]).values_list("pk", "merged_into_id", "store_id").first()
    if found is None or not access.reaches(found[2]):
        raise NoSuchCustomer(customer_id=customer_id)
    return int(found[0])


def bookings_within_reach(access: Actor) -> QuerySet[Booking]:
    """Return bookings of stores within reach."""
    rows = Booking.objects.all()
    return rows if access.store_ids is None else rows.filter(store_id__in=access.store_ids)


def booking_by_id(access: Actor, booking_id: int) -> Booking:
    """Return a booking of a store within reach, with its store.

    Raises:
        NoSuchBooking: there is none.
    """
    found = bookings_within_reach(access).select_related("store").filter(pk=booking_id).first()
    if found is None:
        raise NoSuchBooking(booking_id=booking_id)
    return found


def booking_by_code(written: str) -> Booking:
    """Return the booking of a code, whosever it is and wherever.

    Raises:
        CheckInCodeIsMistyped: its check character does not fit.
        CheckInCodeIsUnknown: no booking has it.
    """
    code = typed_codes.compared(written)
    if typed_codes.is_mistyped(code, length=CODE_LENGTH):
        raise CheckInCodeIsMistyped
    found = None
    if typed_codes.is_of_our_form(code, length=CODE_LENGTH):
        found = Booking.objects.select_related("store").filter(digest=digest_of(code)).first()
    if found is None:
        raise CheckInCodeIsUnknown
    return found


def digest_of(code: str) -> bytes:
    """Return the keyed hash under which a code, as it is compared, is kept."""
    return digest16(_HASH, "", code)


def terms_of(store_ids: Iterable[int]) -> dict[int, Terms]:
    """Return how stores take bookings; those that never said so are left out. Three queries, however many stores."""
    wanted = list(store_ids)
    rows = {one.store_id: one for one in BookingTerms.objects.filter(store_id__in=wanted)}
    hours: dict[int, list[Hours]] = {}
    for one in OpeningHours.objects.filter(store_id__in=wanted).order_by("weekday", "opens"):
        hours.setdefault(one.store_id, []).append(Hours(one.weekday, one.opens, one.closes))
    closed: dict[int, list[date]] = {}
    for store_id, day in ClosedDay.objects.filter(store_id__in=wanted).order_by("day").values_list("store_id", "day"):
        closed.setdefault(store_id, []).append(day)
    return {
        store_id: Terms(
            takes_bookings=one.takes_bookings,
            slot_minutes=one.slot_minutes,
            capacity=one.capacity,
            lead_minutes=one.lead_minutes,
            days_ahead=one.days_ahead,
            hours=tuple(hours.get(store_id, ())),
            closed_days=tuple(closed.get(store_id, ())),
        )
        for store_id, one in rows.items()
    }


def zone_of(store: Store) -> ZoneInfo:
    """Return the zone of a store's clock."""
    return ZoneInfo(store.time_zone)


def view_of(one: Booking, *, with_code: bool = False) -> BookingView:
    """Return a booking, read with its store, as others see it; the code only where it is asked for."""
    zone = zone_of(one.store)
    code = ""
    if with_code:
        code = typed_codes.in_blocks(str(unseal(one.sealed_code).get("code", "")), length=CODE_LENGTH)
    return BookingView(
        id=one.pk,
        customer_id=one.customer_id,
        store_id=one.store_id,
        store_name=one.store.name,
        starts_at=one.starts_at.astimezone(zone),
        business_date=one.business_date,
        state=one.state,
        source=one.source,
        code=code,
        made_at=one.made_at,
        moves=one.moves,
        came_at=one.came_at.astimezone(zone) if one.came_at else None,
        has_slot=one.holds_place or one.state != "came",
        offered_at=one.offered_at,
        is_given_back=one.ended_why == GIVEN_BACK,
    )


def is_today(one: Booking, *, now: datetime) -> bool:
    """Return whether a booking is for the business day of an instant, on the store's clock."""
    return one.business_date == now.astimezone(zone_of(one.store)).date()


def due(before: datetime) -> Q:
    """Return the condition of a booking that is still to come true and began before an instant."""
    return Q(state="booked", starts_at__lt=before)


def touch(table: str, days: Iterable[object], *, now: datetime) -> None:
    """Mark the months of a published table as changed."""
    months = {str(day)[:7] for day in days}
    if months:
        journal.touch(table, months, now=now)


def batches(values: Sequence[T]) -> Iterator[list[T]]:
    """Yield values in pieces that one statement takes."""
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some
