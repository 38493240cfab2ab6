"""The room of stores and regions: what there is, where, since when, and to which region it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.sentences import spoken
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.foundation import actions, queries
from yutang.foundation.actions.chain import faults_of_store
from yutang.kit.errors import DomainError
from yutang.kit.geography import Place
from yutang.kit.text import N_

#: Offered first; any other of the IANA list can be written.
_USUAL_ZONES = ("Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore")


#: Of the form, in its order.
_FIELDS = ("name", "code", "region", "city", "opened_on", "closed_on", "latitude", "time_zone")


class PlaceIsUnreadable(DomainError):
    """The fields of the place hold no numbers, or only one of both."""

    code = "place_is_unreadable"
    http_status = 422
    message = N_(
        "“%(written)s” is no place. Write latitude and longitude as decimal degrees, such as 31.1953 and 121.4370, or leave both empty."
    )


class DayIsUnreadable(DomainError):
    """A field of the form holds no day."""

    code = "day_is_unreadable"
    http_status = 422
    message = N_("“%(written)s” is no day. Write it as 2026-03-11.")


@room("stores.manage")
def stores(request: StaffRequest) -> HttpResponseBase:
    """Show the stores by region."""
    today = timezone.localdate(request.now)
    cards = queries.store_cards(access=request.actor)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(cards))
    regions = queries.region_cards(access=request.actor)
    groups: list[dict[str, Any]] = [
        {"region": one, "rows": [_row(c, today) for c in cards if c.region_id == one.id]} for one in regions
    ]
    rest = [_row(c, today) for c in cards if c.region_id is None]
    closed = sum(row["state"] == "closed" for group in groups for row in group["rows"])
    closed += sum(row["state"] == "closed" for row in rest)
    may_order = request.actor.store_ids is None
    context = {
        "groups": groups if may_order else [group for group in groups if group["rows"]],
        "rest": rest,
        "may_order": may_order,
        "total": len(cards),
        "lacking": sum(card.place is None for card in cards),
        "subtitle": ngettext("%(n)s store is open", "%(n)s stores are open", len(cards) - closed)
        % {"n": len(cards) - closed},
    }
    return render(request, "console/stores/list.html", context)


@room("stores.manage")
def new(request: StaffRequest) -> HttpResponse:
    """Add a store."""
    if request.method != "POST":
        return _form(request, {"time_zone": _USUAL_ZONES[0], "region": request.GET.get("region", "")})
    entry, faults = _asked(request)
    if faults:
        return _form(request, request.POST.dict(), faults=faults)
    actions.create_store(actor=request.actor, store=entry, now=request.now)
    messages.success(request, _("The store was added."))
    return redirect("stores")


@room("stores.manage")
def one(request: StaffRequest, store_id: int) -> HttpResponse:
    """Show and change one store."""
    card = queries.store_card(access=request.actor, store_id=store_id)
    if request.method != "POST":
        known = {
            "code": card.code,
            "name": card.name,
            "city": card.city,
            "region": card.region_name,
            "time_zone": card.time_zone,
            "opened_on": card.opened_on.isoformat() if card.opened_on else "",
            "closed_on": card.closed_on.isoformat() if card.closed_on else "",
            "latitude": str(card.place.latitude) if card.place else "",
            "longitude": str(card.place.longitude) if card.place else "",
        }
        return _form(request, known, card=card)
    entry, faults = _asked(request, store_id)
    if faults:
        return _form(request, request.POST.dict(), card=card, faults=faults)
    actions.change_store(actor=request.actor, store_id=store_id, store=entry, now=request.now)
    messages.success(request, _("The store was changed."))
    return redirect("stores")


@room("stores.manage")
@require_POST
def places(request: StaffRequest) -> HttpResponse:
    """Write where stores stand, from a list that was chosen."""
    chosen = request.FILES.get("file")
    content = chosen.read(queries.LARGEST_LIST + 1) if chosen else b""
    named = queries.places_in(content=content)
    changed = actions.locate_stores(actor=request.actor, places=named, now=request.now)
    text = ngettext("%(n)s store has another place now.", "%(n)s stores have another place now.", changed)
    messages.success(request, text % {"n": changed})
    return redirect("stores")


@room("stores.manage")
@require_POST
def new_region(request: StaffRequest) -> HttpResponse:
    """Add a region."""
    actions.create_region(actor=request.actor, name=request.POST.get("name", ""), now=request.now)
    messages.success(request, _("The region was added."))
    return redirect("stores")


@room("stores.manage")
@require_POST
def rename_region(request: StaffRequest, region_id: int) -> HttpResponse:
    """Give a region another name."""
    name = request.POST.get("name", "")
    actions.rename_region(actor=request.actor, region_id=region_id, name=name, now=request.now)
    messages.success(request, _("The region was renamed."))
    return redirect("stores")


@room("stores.manage")
@require_POST
def delete_region(request: StaffRequest, region_id: int) -> HttpResponse:
    """Delete a region to which nothing belongs."""
    actions.delete_region(actor=request.actor, region_id=region_id, now=request.now)
    messages.success(request, _("The region was deleted."))
    return redirect("stores")


def _sheet(cards: tuple[queries.StoreCard, ...]) -> Sheet:
    """Return the list with the columns by which places are read again."""
    titles = [_("Code"), _("Name"), _("Region"), _("City"), _("Time zone"), _("Opened on"), _("Closed on")]
    lines = [
        [
            card.code,
            card.name,
            card.region_name,
            card.city,
            card.time_zone,
            card.opened_on,
            card.closed_on,
            card.staff,
            card.place.latitude if card.place else None,
            card.place.longitude if card.place else None,
        ]
        for card in cards
    ]
    return Sheet(_("Stores"), [*titles, _("Members of staff"), _("Latitude"), _("Longitude")], lines)


def _row(card: queries.StoreCard, today: date) -> dict[str, Any]:
    state = "open"
    if card.closed_on is not None and card.closed_on <= today:
        state = "closed"
    elif card.opened_on is not None and card.opened_on > today:
        state = "coming"
    return {"card": card, "state": state}


def _asked(request: StaffRequest, store_id: int | None = None) -> tuple[actions.StoreEntry, dict[str, DomainError]]:
    """Return the store that the form names, and everything that is wrong with it by field."""
    written, days, place = request.POST, dict[str, date | None](), None
    unreadable: dict[str, DomainError] = {}
    for field in ("opened_on", "closed_on"):
        try:
            days[field] = _day(written.get(field, ""))
        except DayIsUnreadable as refusal:
            unreadable[field] = refusal
    try:
        place = _place(written.get("latitude", ""), written.get("longitude", ""))
    except PlaceIsUnreadable as refusal:
        unreadable["latitude"] = refusal
    entry = actions.StoreEntry(
        code=written.get("code", ""),
        name=written.get("name", ""),
        region=written.get("region", ""),
        city=written.get("city", ""),
        time_zone=written.get("time_zone", "").strip(),
        opened_on=days.get("opened_on"),
        closed_on=days.get("closed_on"),
        place=place,
    )
    return entry, {**faults_of_store(actor=request.actor, store=entry, store_id=store_id), **unreadable}


def _place(latitude: str, longitude: str) -> Place | None:
    """Return the place that two fields hold; a pair that was copied from a map into the first field is one too."""
    parts = [part for part in latitude.replace("，", ",").split(",") if part.strip()]
    if len(parts) == 2 and not longitude.strip():
        latitude, longitude = parts
    if not latitude.strip() and not longitude.strip():
        return None
    try:
        return Place(float(latitude), float(longitude))
    except ValueError as error:
        written = ", ".join(one.strip() for one in (latitude, longitude) if one.strip())
        raise PlaceIsUnreadable(written=written[:60]) from error


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise DayIsUnreadable(written=text.strip()[:40]) from error


def _form(
    request: StaffRequest,
    values: Mapping[str, Any],
    *,
    card: queries.StoreCard | None = None,
    faults: Mapping[str, DomainError] | None = None,
) -> HttpResponse:
    errors = {field: spoken(fault.sentence) for field, fault in (faults or {}).items()}
    status = min((fault.http_status for fault in (faults or {}).values()), default=200)
    context = {
        "card": card,
        "values": values,
        "errors": errors,
        "first_error": next((field for field in _FIELDS if field in errors), ""),
        "regions": queries.regions(),
        "zones": [*_USUAL_ZONES, *sorted(available_timezones() - set(_USUAL_ZONES))],
        "may_order": request.actor.store_ids is None,
    }
    return render(request, "console/stores/one.html", context, status=status)
