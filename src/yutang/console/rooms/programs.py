"""The room of programs: the tokens with which other systems come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yutang.api import actions, queries
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed_rooms
from yutang.console.sentences import spoken
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.console.words import permission_label, permission_rows
from yutang.foundation import queries as foundation
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_STATES = {"active": N_("In force"), "expired": N_("Expired"), "revoked": N_("Revoked")}
_TONES = {"active": "accent", "expired": "warn", "revoked": "plain"}
_USUAL_DAYS = 365


@room("staff.manage")
def tokens(request: StaffRequest) -> HttpResponseBase:
    """Show the tokens that are in force, or all of them."""
    state = "all" if request.GET.get("state") == "all" else "active"
    found = queries.tokens(access=request.actor, now=request.now)
    shown = [one for one in found if state == "all" or one.status == "active"]
    if sheet_asked(request):
        return sheet_answer(request, listed_rooms.of_tokens(shown, _STATES))
    context = {
        "rows": [_row(one) for one in shown],
        "state": state,
        "active": sum(one.status == "active" for one in found),
        "total": len(found),
    }
    return render(request, "console/programs/tokens.html", context)


@never_cache
@room("staff.manage")
def new(request: StaffRequest) -> HttpResponse:
    """Make a token; it is shown this once."""
    if request.method != "POST":
        return _form(request, {"kind": "service", "days": _USUAL_DAYS, "per_minute": actions.USUAL_PER_MINUTE})
    try:
        made = _made(request)
    except DomainError as refusal:
        return _form(request, _written(request), error=spoken(refusal.sentence), status=refusal.http_status)
    context = {"made": made, "name": request.POST.get("name", "")}
    return render(request, "console/programs/token_made.html", context)


@room("staff.manage")
@require_POST
def revoke(request: StaffRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    actions.revoke_token(actor=request.actor, token_id=token_id, now=request.now)
    messages.success(request, _("The token was revoked. Whoever shows it is let in no more."))
    return redirect("programs")


def _made(request: StaffRequest) -> actions.MadeToken:
    given = request.POST
    limits: dict[str, Any] = {
        "actor": request.actor,
        "name": given.get("name", ""),
        "store_codes": given.getlist("stores"),
        "days": _whole(given.get("days", "")),
        "per_minute": _whole(given.get("per_minute", "")),
        "now": request.now,
    }
    if given.get("kind") == "personal":
        return actions.create_personal_token(username=given.get("username", ""), **limits)
    return actions.create_service_token(permissions=given.getlist("permissions"), **limits)


def _whole(text: str) -> int:
    """Return the number that was written; 0, which is refused, where it is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0


def _written(request: StaffRequest) -> dict[str, Any]:
    given = request.POST
    return {**given.dict(), "permissions": given.getlist("permissions"), "stores": given.getlist("stores")}


def _form(request: StaffRequest, values: Mapping[str, Any], *, error: str = "", status: int = 200) -> HttpResponse:
    groups = permission_rows(frozenset(values.get("permissions", ())))
    held = [{**group, "rows": [row for row in group["rows"] if request.actor.can(row["code"])]} for group in groups]
    cards = foundation.staff_cards(access=request.actor, now=request.now)
    people = [
        (card.person.username, card.person.display_name)
        for card in cards
        if card.person.is_active and (card.may_change or card.person.id == request.actor.staff_id)
    ]
    context = {
        "values": values,
        "error": error,
        "groups": [group for group in held if group["rows"]],
        "people": people,
        "stores": store_choices(request, values.get("stores", ())),
        "most_days": actions.LONGEST_DAYS,
        "most_calls": actions.MOST_PER_MINUTE,
    }
    return render(request, "console/programs/token_new.html", context, status=status)


def store_choices(request: StaffRequest, chosen: Any) -> list[tuple[str, str, bool]]:
    """Return code, name and whether it is chosen, of the stores within reach; none where there is only one."""
    found = foundation.stores(access=request.actor)
    return [(one.code, one.name, one.code in chosen) for one in found] if len(found) > 1 else []


def _row(one: queries.TokenView) -> dict[str, Any]:
    labels = None if one.permissions is None else [permission_label(code) for code in one.permissions]
    return {"one": one, "state": _(_STATES[one.status]), "tone": _TONES[one.status], "permissions": labels}
