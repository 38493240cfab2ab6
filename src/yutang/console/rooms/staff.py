"""The room of staff: who works here, invite, give a role and stores, bar, and help who lost a phone or a password."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.console.words import permission_rows, role_label
from yutang.foundation import actions, queries
from yutang.kit.errors import DomainError

#: What tells those of a state from everybody within reach.
_STATES: dict[str, Callable[[queries.StaffCard], bool]] = {
    "active": lambda card: card.person.is_active,
    "unset": lambda card: card.person.is_active and not card.person.can_log_in,
    "barred": lambda card: not card.person.is_active,
}


@room("staff.manage")
def staff(request: StaffRequest) -> HttpResponseBase:
    """Show everybody within reach, by words, role, store and whether they may log in."""
    given = request.GET
    state, text = given.get("state", "active"), given.get("q", "").strip()
    role, store = given.get("role", ""), given.get("store", "")
    cards = queries.staff_cards(access=request.actor, now=request.now)
    counts = {key: sum(map(among, cards)) for key, among in _STATES.items()}
    able = counts["active"] - counts["unset"]
    names = _store_names(request)
    chosen = [
        card
        for card in cards
        if (state not in _STATES or _STATES[state](card))
        and (not text or text.casefold() in f"{card.person.username} {card.person.display_name}".casefold())
        and (not role or card.person.role == role)
        and (not store or card.person.reach is None or store in {str(one) for one in card.person.reach})
    ]
    if sheet_asked(request):
        return sheet_answer(request, listed.of_staff(chosen, names))
    context = {
        "rows": [_row(card, names) for card in chosen],
        "q": text,
        "state": state,
        "states": [
            {"code": "active", "label": _("Work here"), "n": counts["active"]},
            {"code": "unset", "label": _("No password yet"), "n": counts["unset"]},
            {"code": "barred", "label": _("Barred"), "n": counts["barred"]},
        ],
        "role": role,
        "store_id": number_asked(store),
        "roles": [(one.key, role_label(one.key, one.name)) for one in queries.roles()],
        "stores": queries.stores(access=request.actor),
        "filtered": bool(text or role or store),
        "subtitle": ngettext("%(n)s person may log in", "%(n)s people may log in", able) % {"n": able},
    }
    return render(request, "console/staff/list.html", context)


@room("staff.manage")
def new(request: StaffRequest) -> HttpResponse:
    """Invite somebody: the link is shown afterwards."""
    if request.method != "POST":
        return _form(request, {"role": "store_manager"})
    given = request.POST
    try:
        actions.create_staff(
            actor=request.actor,
            username=given.get("username", "").strip(),
            display_name=given.get("display_name", ""),
            password=None,
            **_place(request),
            now=request.now,
        )
    except DomainError as refusal:
        return _form(request, _written(request), error=spoken(refusal.sentence), status=refusal.http_status)
    return _link(request, given.get("username", "").strip())


@room("staff.manage")
def one(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Show one person, and change their role, stores and regions."""
    card = queries.staff_card(access=request.actor, staff_id=staff_id, now=request.now)
    if request.method != "POST":
        return _form(request, _known(card), card=card)
    try:
        actions.change_place(actor=request.actor, username=card.person.username, **_place(request), now=request.now)
    except DomainError as refusal:
        written = {**_known(card), **_written(request)}
        return _form(request, written, card=card, error=spoken(refusal.sentence), status=refusal.http_status)
    messages.success(request, _("Role and stores of %(name)s hold from now on.") % {"name": card.person.display_name})
    return redirect("staff-one", staff_id)


@never_cache
@room("staff.manage")
def link(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Make a new link by which the person sets their password; older ones no longer hold.

    Who comes back to the address later, or changes the language there, sees no link.
    """
    username = _username(request, staff_id)
    return _link(request, username) if request.method == "POST" else redirect("staff-one", staff_id)


@room("staff.manage")
@require_POST
def bar(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Bar somebody from logging in."""
    actions.deactivate_staff(actor=request.actor, username=_username(request, staff_id), now=request.now)
    messages.success(request, _("Barred. All sessions of this person have ended."))
    return redirect("staff-one", staff_id)


@room("staff.manage")
@require_POST
def let_in(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Let somebody who was barred log in again."""
    actions.activate_staff(actor=request.actor, username=_username(request, staff_id), now=request.now)
    messages.success(request, _("This person may log in again."))
    return redirect("staff-one", staff_id)


@room("staff.manage")
@require_POST
def reset_second_factor(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Take off the second factor of somebody who lost the phone."""
    actions.reset_second_factor(actor=request.actor, username=_username(request, staff_id), now=request.now)
    messages.success(request, _("The second factor was taken off, and all sessions of this person have ended."))
    return redirect("staff-one", staff_id)


@room("staff.manage")
@require_POST
def end_sessions(request: StaffRequest, staff_id: int) -> HttpResponse:
    """End all sessions of somebody."""
    ended = actions.end_sessions_of(actor=request.actor, username=_username(request, staff_id), now=request.now)
    messages.success(request, ngettext("%(n)s session has ended.", "%(n)s sessions have ended.", ended) % {"n": ended})
    return redirect("staff-one", staff_id)


def shown_role(card: queries.StaffCard) -> str:
    """Return what the screen calls the role of a person."""
    return role_label(card.person.role, card.role_name)


def _username(request: StaffRequest, staff_id: int) -> str:
    card = queries.staff_card(access=request.actor, staff_id=staff_id, now=request.now)
    return card.person.username


def _link(request: StaffRequest, username: str) -> HttpResponse:
    """Show a new link, this once."""
    secret = actions.make_invitation(actor=request.actor, username=username, now=request.now)
    person = queries.staff_for(username=username)
    address = request.build_absolute_uri(reverse("welcome", args=[secret]))
    context = {"person": person, "address": address, "hours": int(actions.HOLDS_FOR.total_seconds() // 3600)}
    return render(request, "console/staff/link.html", context)


def _place(request: StaffRequest) -> dict[str, Any]:
    """Return the role, store codes and region names that the form asks for."""
    given = request.POST
    codes = {str(one.id): one.code for one in queries.stores(access=request.actor)}
    names = {str(one.id): one.name for one in queries.regions()}
    return {
        "role": given.get("role", ""),
        # What is not within reach is passed on, and refused by its key.
        "store_codes": [codes.get(key, key) for key in given.getlist("stores")],
        "region_names": [names.get(key, key) for key in given.getlist("regions")],
    }


def _written(request: StaffRequest) -> dict[str, Any]:
    given = request.POST
    return {**given.dict(), "stores": given.getlist("stores"), "regions": given.getlist("regions")}


def _known(card: queries.StaffCard) -> dict[str, Any]:
    return {
        "username": card.person.username,
        "display_name": card.person.display_name,
        "role": card.person.role,
        "stores": [str(one) for one in card.given_store_ids],
        "regions": [str(one) for one in card.region_ids],
    }


def _form(
    request: StaffRequest,
    values: Mapping[str, Any],
    *,
    card: queries.StaffCard | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    stores, regions = set(values.get("stores", ())), set(values.get("regions", ()))
    context = {
        "values": values,
        "error": error,
        "card": card,
        "role_name": shown_role(card) if card else "",
        "may_change": card is None or card.may_change,
        "is_me": card is not None and card.person.id == request.actor.staff_id,
        "permissions": permission_rows(card.permissions) if card else [],
        "roles": [_role(one, values.get("role", ""), request) for one in queries.roles()],
        "stores": [
            {
                "id": one.id,
                "name": one.name,
                "on": str(one.id) in stores,
                "region": one.region.name if one.region else "",
            }
            for one in queries.stores(access=request.actor)
        ],
        "regions": [{"id": one.id, "name": one.name, "on": str(one.id) in regions} for one in queries.regions()]
        if request.actor.store_ids is None
        else [],
    }
    return render(request, "console/staff/one.html" if card else "console/staff/new.html", context, status=status)


def _role(one: queries.RoleView, chosen: str, request: StaffRequest) -> dict[str, Any]:
    reach = None if one.is_chain_wide else frozenset[int]()
    return {
        "key": one.key,
        "label": role_label(one.key, one.name),
        "on": one.key == chosen,
        "is_chain_wide": one.is_chain_wide,
        "open": request.actor.covers(permissions=one.permissions, store_ids=reach),
    }


def _store_names(request: StaffRequest) -> dict[int, str]:
    return {one.id: one.name for one in queries.stores(access=request.actor)}


def _row(card: queries.StaffCard, names: Mapping[int, str]) -> dict[str, Any]:
    reach = [] if card.person.reach is None else [names[one] for one in sorted(card.person.reach) if one in names]
    return {
        "card": card,
        "role": shown_role(card),
        "reach": reach[:2],
        "more": max(0, len(reach) - 2),
        "everywhere": card.person.reach is None,
    }
