"""Somebody leaves, or moves on: their customers and open proposals go to somebody else, counts first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.staff import shown_role
from yutang.console.sentences import spoken
from yutang.foundation import queries
from yutang.kit.errors import DomainError
from yutang.kit.text import filled
from yutang.worklist import actions
from yutang.worklist import queries as worklist

#: How many people are offered until somebody searches.
_SHOWN = 12


@room("staff.manage")
def hand_over(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Show what somebody has in hand and who may take it over; on sending, hand it over and bar them if that was asked."""
    cards = queries.staff_cards(access=request.actor, now=request.now)
    giver = queries.staff_card(access=request.actor, staff_id=staff_id, now=request.now)
    asked = request.POST if request.method == "POST" else request.GET
    to = next((card for card in cards if card.person.id == number_asked(asked.get("to", ""))), None)
    if request.method == "POST" and to is not None:
        try:
            return _done(request, giver, to)
        except DomainError as refusal:
            return _page(request, giver, to, cards, error=spoken(refusal.sentence), status=refusal.http_status)
    missing = _("Choose who takes over.") if request.method == "POST" else ""
    return _page(request, giver, to, cards, error=missing, status=422 if missing else 200)


def _done(request: StaffRequest, giver: queries.StaffCard, to: queries.StaffCard) -> HttpResponse:
    asked = request.POST.get("then")
    act = {"bar": actions.let_go, "reach": actions.hand_over_within_reach}.get(asked or "", actions.hand_over_work)
    pair = {"username": giver.person.username, "to_username": to.person.username}
    handed = act(actor=request.actor, **pair, now=request.now)
    told = {
        "name": to.person.display_name,
        "customers": formats.number(handed.customers),
        "tasks": formats.number(handed.proposals),
    }
    messages.success(request, filled(_("%(name)s has taken over %(customers)s customers and %(tasks)s tasks."), told))
    # What stays waits for another one who takes over.
    return redirect("staff-hand-over" if handed.beyond else "staff-one", giver.person.id)


def _page(
    request: StaffRequest,
    giver: queries.StaffCard,
    to: queries.StaffCard | None,
    cards: tuple[queries.StaffCard, ...],
    *,
    error: str,
    status: int,
) -> HttpResponse:
    work = worklist.work_of(
        access=request.actor,
        staff_id=giver.person.id,
        to_staff_id=to.person.id if to else None,
        now=request.now,
    )
    names = {store.id: store.name for store in queries.stores(access=request.actor)}
    text = request.GET.get("q", "").strip()
    others = [
        _receiver(card, names) for card in cards if worklist.may_take_over(card) and card.person.id != giver.person.id
    ]
    found = [one for one in others if text.casefold() in one["words"]]
    context: dict[str, Any] = {
        "giver": giver,
        "role_name": shown_role(giver),
        "to": to,
        "to_shown": _receiver(to, names) if to else None,
        "others": found[:_SHOWN],
        "more": max(0, len(found) - _SHOWN),
        "q": text,
        "is_searched": len(others) > _SHOWN or bool(text),
        "within": work.customers - work.beyond,
        "work": work,
        "beyond": [
            {"id": store, "name": names.get(store, f"#{store}"), "n": people}
            for store, people in sorted(work.beyond_by_store.items())
        ],
        "may_bar": giver.person.is_active,
        "error": error,
    }
    return render(request, "console/staff/hand_over.html", context, status=status)


def _receiver(card: queries.StaffCard, names: dict[int, str]) -> dict[str, Any]:
    """Return one who may take over, told apart from others of the same name and role by log-in name and stores."""
    stores = (
        [] if card.person.reach is None else [names[store] for store in sorted(card.person.reach) if store in names]
    )
    role = shown_role(card)
    words = " ".join([card.person.display_name, card.person.username, role, *stores])
    return {
        "card": card,
        "role": role,
        "everywhere": card.person.reach is None,
        "stores": stores[:3],
        "stores_more": max(0, len(stores) - 3),
        "words": words.casefold(),
    }
