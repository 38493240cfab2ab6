"""When a store takes bookings: hours by weekday, length and places of a slot, days without."""

from __future__ import annotations

import re
from datetime import date, time

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.refusals import refusal
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.foundation.queries import stores
from yutang.kit.errors import DomainError
from yutang.visits import actions, queries
from yutang.visits.refusals import HoursAreWrong
from yutang.visits.views import Hours, Terms

_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至到]\s*(\d{1,2})[:：](\d{2})")
_NUMBERS = ("slot_minutes", "capacity", "lead_minutes", "days_ahead")
#: A week that begins on a Monday.
_WEEK = [date(2024, 1, day) for day in range(1, 8)]
_HOURS_A_DAY = 24


@room("visits.change", "visits.view")
def hours(request: StaffRequest) -> HttpResponse:
    """Show and change how a store takes bookings."""
    own = stores(access=request.actor)
    asked = number_asked(request.POST.get("store", request.GET.get("store", "")))
    store = next((one for one in own if one.id == asked), None if asked else (own[0] if own else None))
    if store is None and asked is None:
        text = _("Bookings belong to a store, and there is none within your reach yet.")
        if request.actor.store_ids is not None and not request.actor.store_ids:
            text = _("No store is given to you; ask who manages staff.")
        return refusal(request, status=200, title=_("No store yet"), text=text)
    if store is None:
        text = _("There is no such store within your reach.")
        return refusal(request, status=404, title=_("Not found"), text=text)
    terms, error, status = queries.store_terms(access=request.actor, store_id=store.id), "", 200
    if not terms.hours:
        terms = Terms(takes_bookings=terms.takes_bookings)
    if request.method == "POST":
        try:
            terms = _read(request)
            actions.change_terms(actor=request.actor, store_id=store.id, terms=terms, now=request.now)
            messages.success(request, _("The hours of %(store)s are kept.") % {"store": store.name})
        except DomainError as refused:
            error, status = spoken(refused.sentence), 422
    context = {
        "stores": own,
        "store": store,
        "terms": terms,
        "weekdays": _weekdays(request, terms, is_refused=bool(error)),
        "closed": request.POST.get("closed_days", "")
        if error
        else "、".join(one.isoformat() for one in terms.closed_days),
        "numbers": {name: request.POST.get(name, "") if error else getattr(terms, name) for name in _NUMBERS},
        "error": error,
    }
    return render(request, "console/visits/hours.html", context, status=status)


def _weekdays(request: StaffRequest, terms: Terms, *, is_refused: bool) -> list[tuple[str, str, str]]:
    """Return (field, weekday, hours as they are written) of the week."""
    told = []
    for weekday in range(7):
        spans = [f"{one.opens:%H:%M}-{one.closes:%H:%M}" for one in terms.hours if one.weekday == weekday]
        written = request.POST.get(f"day{weekday}", "") if is_refused else ", ".join(spans)
        told.append((f"day{weekday}", formats.weekday(_WEEK[weekday]), written))
    return told


def _read(request: StaffRequest) -> Terms:
    numbers = {name: _number(request, name) for name in _NUMBERS}
    spans = tuple(one for weekday in range(7) for one in _spans(request.POST.get(f"day{weekday}", ""), weekday))
    closed = tuple(_days(request.POST.get("closed_days", "")))
    return Terms(takes_bookings=request.POST.get("takes_bookings") == "yes", hours=spans, closed_days=closed, **numbers)


def _spans(written: str, weekday: int) -> list[Hours]:
    found = []
    for piece in filter(None, (one.strip() for one in re.split(r"[,，、;；\n]+", written[:200]))):
        match = _SPAN.fullmatch(piece)
        if match is None:
            raise _wrong(_("Opening hours"), piece, _("written like 10:00-12:00, 14:00-18:00"))
        from_hour, from_minute, to_hour, to_minute = (int(one) for one in match.groups())
        try:
            found.append(Hours(weekday, time(from_hour, from_minute), time(to_hour % _HOURS_A_DAY, to_minute)))
        except ValueError as error:
            raise _wrong(_("Opening hours"), piece, _("written like 10:00-12:00, 14:00-18:00")) from error
    return found


def _days(written: str) -> list[date]:
    found = []
    for piece in filter(None, re.split(r"[,，、;；\s]+", written[:4_000])):
        try:
            found.append(date.fromisoformat(piece))
        except ValueError as error:
            raise _wrong(_("Days on which it is closed"), piece, _("written like 2026-10-01, 2026-10-02")) from error
    return found


def _number(request: StaffRequest, name: str) -> int:
    written = request.POST.get(name, "").strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 6 else -1


def _wrong(field: str, written: str, expected: str) -> HoursAreWrong:
    return HoursAreWrong(field=field, written=written[:40], expected=expected)
