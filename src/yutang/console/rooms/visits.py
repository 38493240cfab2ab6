"""The room of visits: what a day brings, on the phone at the counter and for the whole chain."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.programmes_named import programme_names
from yutang.console.sentences import spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.foundation.queries import stores
from yutang.visits import actions, queries
from yutang.visits.guests import guest_names
from yutang.visits.views import BookingView

TONES = {"booked": "info", "came": "accent", "missed": "warn", "cancelled": "plain"}


@room("visits.view")
def today(request: StaffRequest) -> HttpResponseBase:
    """Show the visits of a day in the order of their times."""
    now_day = timezone.localtime(request.now).date()
    day = _day_asked(request, now_day)
    store_id = number_asked(request.GET.get("store", ""))
    found = queries.bookings(access=request.actor, first=day, last=day, store_id=store_id)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, found))
    counts = queries.day_of(access=request.actor, day=day, store_id=store_id)
    context = {
        "day": day,
        "is_today": day == now_day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "rows": rows_of(request, found),
        "stores": stores(access=request.actor),
        "store_id": store_id,
        "may_take": may_take_people(request),
        "tiles": [
            {"metric": f"visits_{name}", "value": formats.number(value), "lead": name == "coming", "note": formats.day(day)}
            for name, value in (
                ("coming", counts.booked), ("came", counts.came), ("missed", counts.missed), ("offered", counts.offered),
            )
        ],
    }  # fmt: skip
    return render(request, "console/visits/today.html", context)


@room("visits.book", "visits.view")
@require_POST
def cancel(request: StaffRequest, booking_id: int) -> HttpResponse:
    """Call a visit off."""
    actions.cancel_booking(actor=request.actor, booking_id=booking_id, now=request.now)
    messages.success(request, _("The visit is called off; its place is free again."))
    return redirect("visits-one", booking_id)


@room("visits.book", "customers.view")
@require_POST
def note(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Note that a customer is in the store without having booked."""
    people.tags_of(access=request.actor, customer_id=customer_id)
    store_id = number_asked(request.POST.get("store", ""))
    own = [one.id for one in stores(access=request.actor)]
    chosen = store_id if store_id is not None else own[0] if len(own) == 1 else None
    if chosen is None:
        messages.error(request, _("Choose the store first."))
        return redirect("customers-one", customer_id)
    key = f"hand:{customer_id}:{request.POST.get('key', '')[:32] or secrets.token_hex(8)}"
    view = actions.note_visit(
        actor=request.actor, key=key, customer_id=customer_id, store_id=chosen, source=_led_by(request, customer_id),
        now=request.now,
    )  # fmt: skip
    messages.success(request, _("The visit is noted."))
    return redirect("visits-one", view.id)


@room("visits.book", "customers.view")
@require_POST
def link(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Show a link for one customer, to book or to the own page, to be sent or shown as a code."""
    people.tags_of(access=request.actor, customer_id=customer_id)
    if request.POST.get("which") == "own":
        path = queries.own_page_link(access=request.actor, customer_id=customer_id, now=request.now)
    else:
        source = _led_by(request, customer_id)
        path = queries.booking_link(access=request.actor, customer_id=customer_id, source=source, now=request.now)
    return render(request, "console/visits/link.html", {"address": request.build_absolute_uri(path)})


def _led_by(request: StaffRequest, customer_id: int) -> str:
    """Return the programme whose offer a customer paid last; empty where there is none."""
    if not request.actor.can("visits.view"):
        return ""
    paid = (
        one
        for one in queries.hooks_of(access=request.actor, customer_id=customer_id)
        if one.paid_at and not one.refunded_at
    )
    return next((one.source for one in paid), "")


def rows_of(request: StaffRequest, found: Sequence[BookingView]) -> list[dict[str, Any]]:
    """Return visits with the names of their customers, masked, where the role may see these; only own ones have a page to go to."""
    names: dict[int, str] = {}
    own: set[int] = set()
    if request.actor.can("customers.view"):
        ids = sorted({one.customer_id for one in found if one.customer_id is not None})
        known = people.customer_rows(access=request.actor, ids=ids)
        own = set(known)
        of_guests = guest_names(
            access=request.actor, customer_ids=[one for one in ids if one not in own], now=request.now
        )
        names = {key: spoken_name(name) for key, name in of_guests.items()}
        names |= {key: spoken_name(row.name) for key, row in known.items()}
    sources = programme_names(request.actor, (one.source for one in found))
    return [
        {
            "one": one,
            "name": names.get(one.customer_id or 0, ""),
            "has_page": one.customer_id in own,
            "state": _("Money given back") if one.is_given_back else _(queries.STATE_TITLES[one.state]),
            "tone": TONES[one.state],
            "time": f"{one.starts_at:%H:%M}",
            "source": sources[one.source],
        }
        for one in found
    ]


def _day_asked(request: StaffRequest, now_day: date) -> date:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return now_day
    return day if 2000 < day.year < 2100 else now_day


def _sheet(request: StaffRequest, found: Sequence[BookingView]) -> Sheet:
    titles = [_("Number"), _("Store"), _("Time"), _("Customer"), _("Name"), _("State"), _("What led to it")]
    titles += [_("Came to the store"), _("Upgrade offered")]
    return Sheet(_("Visits"), titles, _lines(request, found), of_people=True)


def _lines(request: StaffRequest, found: Sequence[BookingView]) -> Iterator[list[Any]]:
    for row in rows_of(request, found):
        one = row["one"]
        yield [
            one.id, one.store_name, one.starts_at, one.customer_id, row["name"], row["state"], one.source, one.came_at,
            one.offered_at,
        ]  # fmt: skip
