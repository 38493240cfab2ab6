"""Every read of visits that others may use: within the actor's stores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.foundation.queries import organisation_setting
from yutang.foundation.signed_links import sign
from yutang.visits.finding import (
    booking_by_id,
    bookings_within_reach,
    person_within_reach,
    store_within_reach,
    terms_of,
    view_of,
    zone_of,
)
from yutang.visits.models import Booking, BookingState, Hook, Slot
from yutang.visits.organisation import LINK_DAYS
from yutang.visits.programmes import stores_of
from yutang.visits.refusals import NoSuchBooking, NoSuchVisitStore
from yutang.visits.slots import is_in_time, slot_starts
from yutang.visits.views import STATE_TITLES, BookableStore, BookingView, Day, HookView, SlotView, Terms

__all__ = [
    "BOOKING",
    "MINE",
    "STATE_TITLES",
    "NoSuchBooking",
    "NoSuchVisitStore",
    "bookable_stores",
    "booking_link",
    "booking_view",
    "bookings",
    "bookings_of",
    "day_of",
    "hooks_of",
    "links_for",
    "next_visits",
    "own_page_link",
    "sources",
    "store_terms",
    "times",
]

#: Purposes of the links of customers: to book a visit; to see everything of one's own.
BOOKING, MINE = "booking", "mine"
_MOST_ROWS = 500


def store_terms(*, access: Actor, store_id: int) -> Terms:
    """Return how a store takes bookings; the terms of one that never said so take none.

    Raises:
        NoSuchVisitStore: there is none within reach.
    """
    access.require("visits.view")
    store = store_within_reach(access, store_id)
    return terms_of([store.pk]).get(store.pk, Terms(takes_bookings=False))


def bookable_stores(*, access: Actor, today: date, source: str = "") -> tuple[BookableStore, ...]:
    """Return the stores within reach that take bookings and are not closed for good, by code.

    Args:
        access: needs ``visits.view``.
        today: business day.
        source: what leads to the visit; only stores at which it is used. Empty: nothing.
    """
    access.require("visits.view")
    rows = Store.objects.exclude(closed_on__lte=today).order_by("code")
    used_at = stores_of(source)
    if used_at is not None:
        rows = rows.filter(pk__in=used_at)
    if access.store_ids is not None:
        rows = rows.filter(pk__in=access.store_ids)
    found = list(rows)
    terms = terms_of([one.pk for one in found])
    return tuple(
        BookableStore(one.pk, one.name, one.city, one.time_zone, terms[one.pk])
        for one in found
        if one.pk in terms and terms[one.pk].takes_bookings and terms[one.pk].hours
    )


def times(*, access: Actor, store_id: int, days: Sequence[date], now: datetime) -> dict[date, tuple[SlotView, ...]]:
    """Return what a store offers on each of some days, with the places that are left; one query for all days.

    Raises:
        NoSuchVisitStore: there is none within reach.
    """
    access.require("visits.view")
    store = store_within_reach(access, store_id)
    terms, zone = terms_of([store.pk]).get(store.pk, Terms(takes_bookings=False)), zone_of(store)
    starts = {
        day: [one for one in slot_starts(terms, day, zone=zone) if is_in_time(terms, one, now=now)] for day in days
    }
    every = [one.astimezone(UTC) for some in starts.values() for one in some]
    taken: dict[datetime, int] = {}
    if every:
        rows = Slot.objects.filter(store=store, starts_at__gte=min(every), starts_at__lte=max(every), taken__gt=0)
        taken = dict(rows.order_by().values_list("starts_at", "taken"))
    return {
        day: tuple(SlotView(one, max(0, terms.capacity - taken.get(one.astimezone(UTC), 0))) for one in some)
        for day, some in starts.items()
    }


def bookings(
    *, access: Actor, first: date, last: date, store_id: int | None = None, state: str = "", source: str = ""
) -> tuple[BookingView, ...]:
    """Return the visits of stores within reach whose business day lies in ``[first, last]``, in the order of their times.

    Args:
        access: needs ``visits.view``.
        first: first day.
        last: last day, included.
        store_id: only of this store.
        state: only those of a state.
        source: only those that a programme led to.
    """
    access.require("visits.view")
    rows = bookings_within_reach(access).filter(business_date__gte=first, business_date__lte=last)
    narrow = {"store_id": store_id, "state": state, "source": source}
    rows = rows.filter(**{name: value for name, value in narrow.items() if value not in {None, ""}})
    return _views(rows.order_by("starts_at", "id")[:_MOST_ROWS])


def booking_view(*, access: Actor, booking_id: int, with_code: bool = False) -> BookingView:
    """Return one visit of a store within reach, with its code where it is asked for.

    Raises:
        NoSuchBooking: there is none.
    """
    access.require("visits.view")
    return view_of(booking_by_id(access, booking_id), with_code=with_code)


def bookings_of(
    *, access: Actor, customer_id: int, with_code: bool = False, key_starts: str = "", limit: int = 20
) -> tuple[BookingView, ...]:
    """Return the visits of a person at stores within reach, the latest first.

    Args:
        access: needs ``visits.view``.
        customer_id: whose.
        with_code: whether with the codes to check in by.
        key_starts: only those that were booked under keys that begin so: for pages that know no more of the person than that.
        limit: at most.
    """
    access.require("visits.view")
    rows = bookings_within_reach(access).filter(customer_id=customer_id).select_related("store")
    rows = rows.filter(key__startswith=key_starts) if key_starts else rows
    return tuple(view_of(one, with_code=with_code) for one in rows.order_by("-starts_at", "-id")[:limit])


def day_of(*, access: Actor, day: date, store_id: int | None = None) -> Day:
    """Return what a day brings to the stores within reach."""
    access.require("visits.view")
    rows = bookings_within_reach(access).filter(business_date=day)
    rows = rows.filter(store_id=store_id) if store_id is not None else rows
    counted = rows.aggregate(
        booked=Count("pk", filter=Q(state=BookingState.BOOKED)),
        came=Count("pk", filter=Q(state=BookingState.CAME)),
        missed=Count("pk", filter=Q(state=BookingState.MISSED)),
        cancelled=Count("pk", filter=Q(state=BookingState.CANCELLED)),
        offered=Count("pk", filter=Q(offered_at__isnull=False)),
    )
    return Day(**counted)


def hooks_of(*, access: Actor, customer_id: int) -> tuple[HookView, ...]:
    """Return the offers that a person within reach took up, the latest first."""
    access.require("visits.view")
    rows = Hook.objects.filter(customer_id=customer_id)
    if access.store_ids is not None:
        rows = rows.filter(customer__store_id__in=access.store_ids)
    columns = (
        "id",
        "customer_id",
        "source",
        "store_id",
        "hook_minor",
        "currency",
        "hooked_at",
        "paid_at",
        "refunded_at",
    )
    return tuple(HookView(**one) for one in rows.order_by("-id").values(*columns)[:20])


def sources(*, access: Actor) -> tuple[str, ...]:
    """Return the programmes whose offers were taken up, or that led to bookings."""
    access.require("visits.view")
    found = set(Hook.objects.order_by().values_list("source", flat=True).distinct())
    found |= set(
        bookings_within_reach(access).exclude(source="").order_by().values_list("source", flat=True).distinct()
    )
    return tuple(sorted(found))


def next_visits(*, customer_ids: Sequence[int], now: datetime) -> dict[int, BookingView]:
    """Return the next booked visit of each person, with its code: for the words that are sent to them."""
    rows = Booking.objects.filter(customer_id__in=customer_ids, state=BookingState.BOOKED, starts_at__gt=now)
    found: dict[int, BookingView] = {}
    for one in rows.select_related("store").order_by("starts_at", "id"):
        if one.customer_id is not None and one.customer_id not in found:
            found[one.customer_id] = view_of(one, with_code=True)
    return found


def links_for(*, customer_ids: Sequence[int], purpose: str, now: datetime) -> dict[int, str]:
    """Return an address for each person by which they book, or see their own page, without a log-in; empty where none is known.

    The offer that a person paid last is what the booking counts for.

    Args:
        customer_ids: whose; whoever asks sends it to these people, or shows it to them.
        purpose: `BOOKING` or `MINE`.
        now: when. Aware UTC.
    """
    if not settings.YUTANG_PUBLIC_URL:
        return {}
    paid = Hook.objects.filter(customer_id__in=customer_ids, paid_at__isnull=False, refunded_at=None)
    led: dict[int | None, str] = dict(paid.order_by("paid_at", "id").values_list("customer_id", "source"))
    until = now + timedelta(days=int(organisation_setting(LINK_DAYS)))
    return {
        one: f"{settings.YUTANG_PUBLIC_URL}{_path(purpose, sign(purpose, led.get(one, ''), customer_id=one, until=until))}"
        for one in customer_ids
    }


def booking_link(*, access: Actor, customer_id: int, source: str = "", now: datetime) -> str:
    """Return the address, from the root, by which a person within reach books a visit without a log-in.

    Args:
        access: needs ``visits.book``.
        customer_id: who.
        source: what the booking counts for; empty: nothing.
        now: when. Aware UTC.
    """
    access.require("visits.book")
    return _own_link(access, BOOKING, customer_id, source, now)


def own_page_link(*, access: Actor, customer_id: int, now: datetime) -> str:
    """Return the address, from the root, by which a person within reach sees their own page without a log-in.

    Args:
        access: needs ``visits.book``.
        customer_id: who.
        now: when. Aware UTC.
    """
    access.require("visits.book")
    return _own_link(access, MINE, customer_id, "", now)


def _own_link(access: Actor, purpose: str, customer_id: int, source: str, now: datetime) -> str:
    person = person_within_reach(access, customer_id)
    until = now + timedelta(days=int(organisation_setting(LINK_DAYS)))
    return _path(purpose, sign(purpose, source, customer_id=person, until=until))


def _path(purpose: str, token: str) -> str:
    return f"/visit/{token}" if purpose == BOOKING else f"/me/{token}"


def _views(rows: QuerySet[Booking]) -> tuple[BookingView, ...]:
    return tuple(view_of(one) for one in rows.select_related("store"))
