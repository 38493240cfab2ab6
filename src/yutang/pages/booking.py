"""Booking a visit on the phone: choose a store, a day, a time; the code to show there; moving and calling off. No script is needed."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.pages import wording
from yutang.pages.door import signed_page
from yutang.pages.people import person_behind
from yutang.pages.signed import Signed
from yutang.visits import actions, queries
from yutang.visits.programmes import has_place_left
from yutang.visits.views import BookableStore, BookingView

_KEY = re.compile(r"[0-9a-f]{16}")
_ID = re.compile(r"[0-9]{1,18}")
#: Days of one row to choose from.
_MOST_DAYS = 30
#: A visit is shown as coming so long after its time: people are late.
_STILL_COMING = timedelta(hours=12)
DONE = ("booked", "moved", "cancelled")


@dataclass(frozen=True)
class Asked:
    """What somebody chose so far.

    Attributes:
        store: where; None: there is no store to choose.
        day: which day.
        moving: the booking that is to be moved; None: a new one is made.
    """

    store: BookableStore | None
    day: date | None
    moving: BookingView | None


@dataclass(frozen=True)
class Guest:
    """Who books, and on which page.

    Attributes:
        person: who.
        source: what a booking counts for, such as ``groupbuy:12``; empty: nothing.
        via: how they came, for the log.
        address: of the page.
        keys: how the keys of bookings begin that are made there.
        sees_all: whether the page shows all visits of the person, or only those that were booked there.
        home: address of the page from which they came; empty: none.
        home_title: what the link to it says.
        store_id: which store is shown first; None: any.
        is_once: whether one visit is all that is booked there: another time is a move.
        needs_token: whether forms carry the token of the session; where the address is the secret, they need none.
    """

    person: int
    source: str
    via: str
    address: str
    keys: str
    sees_all: bool = True
    home: str = ""
    home_title: str = ""
    needs_token: bool = False
    store_id: int | None = None
    is_once: bool = False

    @property
    def key_starts(self) -> str:
        """How keys of the visits begin that the guest may see and change."""
        return "" if self.sees_all else self.keys


@signed_page(queries.BOOKING)
def visit(request: HttpRequest, signed: Signed, token: str) -> HttpResponse:
    """Let the person of a link for booking book a visit."""
    return booking_page(request, _guest(signed, reverse("visit", args=[token])))


@signed_page(queries.MINE)
def my_visits(request: HttpRequest, signed: Signed, token: str) -> HttpResponse:
    """Let somebody book from the own page, where what is booked stands too."""
    guest = _guest(signed, reverse("me-visits", args=[token]))
    return booking_page(request, replace(guest, home=reverse("me", args=[token]), home_title=_("To my page")))


def booking_page(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Show what is booked and what can be booked, or do what was sent."""
    now = datetime.now().astimezone(ZoneInfo("UTC"))
    actor = replace(Actor.system(), via=guest.via)
    if request.method != "POST":
        return _shown(request, actor, guest, now)
    try:
        done = _done(request, actor, guest, now)
    except DomainError as refusal:
        said = wording.spoken(refusal.sentence)
        return _shown(request, actor, guest, now, error=said, status=refusal.http_status)
    if not done:
        return _shown(request, actor, guest, now, error=_("Choose a time first."), status=422)
    return HttpResponseRedirect(f"{guest.address}?done={done}#visits", status=303)


def _guest(signed: Signed, address: str) -> Guest:
    """Return who holds a link; its `ref` is what a booking counts for."""
    person = person_behind(signed)
    source = signed.ref[:64]
    if not has_place_left(customer_id=person, source=source):
        # It was used, is booked, or its money went back: whoever comes all the same comes without it.
        source = ""
    return Guest(person, source, f"page:{signed.purpose}", address, f"page:{person}:")


def ticket_of(request: HttpRequest, one: BookingView) -> str:
    """Return the picture of a code to check in by, as an address that holds the picture itself."""
    address = request.build_absolute_uri(f"{reverse('visits-check-in')}?code={one.code}")
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=2))


def coming_of(
    request: HttpRequest, *, person: int, key_starts: str = "", now: datetime
) -> list[tuple[BookingView, str]]:
    """Return the visits of a person that are to come, soonest first, each with the picture of its code.

    Args:
        request: of the phone.
        person: whose.
        key_starts: only visits that were booked under keys that begin so; empty: all.
        now: aware UTC.
    """
    own = queries.bookings_of(access=Actor.system(), customer_id=person, with_code=True, key_starts=key_starts)
    coming = [one for one in own if one.state == "booked" and one.starts_at > now - _STILL_COMING]
    return [(one, ticket_of(request, one)) for one in sorted(coming, key=lambda each: each.starts_at)]


def _done(request: HttpRequest, actor: Actor, guest: Guest, now: datetime) -> str:
    """Do what a form asks for, and return what was done; empty where something is missing."""
    what, key = request.POST.get("what", ""), request.POST.get("key", "")
    at, store_id = _instant(request.POST.get("at", "")), _number(request.POST.get("store", ""))
    one = _own(actor, guest, request.POST.get("booking", "")) if what in {"cancel", "move"} else None
    if what == "cancel" and one is not None:
        actions.cancel_booking(actor=actor, booking_id=one.id, now=now)
        return "cancelled"
    if at is None or store_id is None:
        return ""
    if what == "move" and one is not None:
        actions.move_booking(actor=actor, booking_id=one.id, at=at, store_id=store_id, now=now)
        return "moved"
    if what != "book" or not _KEY.fullmatch(key):
        return ""
    actions.book(
        actor=actor,
        key=f"{guest.keys}{key}",
        customer_id=guest.person,
        store_id=store_id,
        at=at,
        source=guest.source,
        once=guest.keys if guest.is_once else "",
        now=now,
    )
    return "booked"


def _shown(
    request: HttpRequest, actor: Actor, guest: Guest, now: datetime, *, error: str = "", status: int = 200
) -> HttpResponse:
    coming = coming_of(request, person=guest.person, key_starts=guest.key_starts, now=now)
    moving = _moving(request, [one for one, _picture in coming])
    stores = queries.bookable_stores(
        access=actor,
        today=now.astimezone(ZoneInfo("Asia/Shanghai")).date(),
        source=moving.source if moving else guest.source,
    )
    asked = _asked(request, stores, moving, guest.store_id)
    context: dict[str, Any] = {
        "guest": guest,
        "address": guest.address,
        "coming": coming,
        "stores": stores,
        "asked": asked,
        "error": error,
        "may_book": asked.moving is not None or not (guest.is_once and coming),
        "done": request.GET.get("done", "") if request.GET.get("done") in DONE else "",
        "key": secrets.token_hex(8),
        **_choices(actor, asked, now),
    }
    return render(request, "pages/visit.html", context, status=status)


def _choices(actor: Actor, asked: Asked, now: datetime) -> dict[str, Any]:
    """Return the days and times of the chosen store."""
    if asked.store is None:
        return {"days": [], "times": []}
    today = now.astimezone(ZoneInfo(asked.store.time_zone)).date()
    count = min(asked.store.terms.days_ahead + 1, _MOST_DAYS)
    days = [today + timedelta(days=n) for n in range(count)]
    offered = queries.times(access=actor, store_id=asked.store.id, days=days, now=now)
    chosen = asked.day if asked.day in offered else next((day for day in days if _is_free(offered[day])), days[0])
    return {
        "chosen": chosen,
        "days": [(day, *wording.short_day(day), _is_free(offered[day])) for day in days if offered[day]],
        "times": offered[chosen],
    }


def _is_free(slots: Any) -> bool:
    return any(one.left for one in slots)


def _moving(request: HttpRequest, coming: list[BookingView]) -> BookingView | None:
    """Return the visit that is to be moved; None: a new one is booked."""
    told = request.POST if request.method == "POST" else request.GET
    moving_id = _number(told.get("booking", "") if told.get("what") == "move" else told.get("move", ""))
    return next((one for one in coming if one.id == moving_id), None)


def _asked(
    request: HttpRequest, stores: tuple[BookableStore, ...], moving: BookingView | None, near_id: int | None
) -> Asked:
    """Return what was chosen in the address, or in a form that was refused."""
    told = request.POST if request.method == "POST" else request.GET
    wanted = _number(told.get("store", "")) or (moving.store_id if moving else near_id)
    store = next((one for one in stores if one.id == wanted), stores[0] if stores else None)
    at = _instant(told.get("at", ""))
    day = at.astimezone(ZoneInfo(store.time_zone)).date() if at and store else _day(told.get("day", ""))
    return Asked(store, day, moving)


def _own(actor: Actor, guest: Guest, written: str) -> BookingView | None:
    """Return a visit of the person themselves: a link opens nobody else's."""
    number = _number(written)
    if number is None:
        return None
    own = queries.bookings_of(access=actor, customer_id=guest.person, key_starts=guest.key_starts, limit=200)
    return next((one for one in own if one.id == number), None)


def _number(written: str) -> int | None:
    return int(written) if _ID.fullmatch(written) else None


def _instant(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at if at.tzinfo is not None and 2000 < at.year < 3000 else None


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
