"""Somebody leaves, or moves on: customers and open proposals go to somebody else, counts first; then the friends in WeCom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.staff import shown_role
from yutang.console.sentences import spoken, spoken_name
from yutang.customers import queries as people
from yutang.customers.views import CustomerRow
from yutang.foundation import queries
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, filled
from yutang.wecom import actions as wecom_actions
from yutang.wecom import queries as wecom
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
    if asked == "wecom":
        return _done_in_wecom(request, giver, to)
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
    if handed.beyond:
        return redirect("staff-hand-over", giver.person.id)
    return _to_wecom(giver, to) if _in_wecom(request, giver, to)["going"] else redirect("staff-one", giver.person.id)


def _done_in_wecom(request: StaffRequest, giver: queries.StaffCard, to: queries.StaffCard) -> HttpResponse:
    n = wecom_actions.hand_over_friends(
        actor=request.actor, from_staff_id=giver.person.id, to_staff_id=to.person.id, now=request.now
    )
    said = ngettext(
        "WeCom is asked to hand over %(n)s friend to %(name)s.",
        "WeCom is asked to hand over %(n)s friends to %(name)s.",
        n,
    )
    messages.success(request, said % {"n": formats.number(n), "name": to.person.display_name})
    return _to_wecom(giver, to)


def _to_wecom(giver: queries.StaffCard, to: queries.StaffCard) -> HttpResponse:
    return redirect(f"{reverse('staff-hand-over', args=[giver.person.id])}?to={to.person.id}#wecom")


def _in_wecom(request: StaffRequest, giver: queries.StaffCard, to: queries.StaffCard | None) -> dict[str, Any]:
    """Return how the hand-over of somebody's friends in WeCom stands, each with what became of it in words."""
    told = wecom.handovers_of(
        access=request.actor,
        staff_id=giver.person.id,
        taker_id=to.person.id if to else None,
        reach=to.person.reach if to else None,
    )
    ids = [one.customer_id for one in told.latest if one.customer_id is not None]
    known = people.customer_rows(access=request.actor, ids=ids) if request.actor.can("customers.view") else {}
    cards = queries.staff_cards(access=request.actor, now=request.now) if told.latest else ()
    names = {card.person.id: card.person.display_name for card in cards}
    return {
        "is_shown": told.is_known and wecom.has_connection() and bool(told.friends or told.latest),
        "has_left": told.has_left,
        "friends": told.friends,
        "going": told.going,
        "counts": [(_(title), told.counts[code]) for code, (title, _tone) in _STATES.items() if told.counts.get(code)],
        "total": sum(told.counts.values()),
        "rows": [_handover(one, known, names) for one in told.latest],
    }


def _handover(one: wecom.HandoverView, known: Mapping[int, CustomerRow], names: Mapping[int, str]) -> dict[str, Any]:
    title, tone = _STATES[one.state]
    row = known.get(one.customer_id) if one.customer_id is not None else None
    why = ""
    if one.errcode is not None:
        why = (
            _(_REFUSALS[one.errcode])
            if one.errcode in _REFUSALS
            else _("Code of WeCom: %(code)s") % {"code": one.errcode}
        )
    return {
        "customer_id": row.id if row else None,
        "name": spoken_name(row.name) if row else _("Somebody who is not shown to you"),
        "taker": names.get(one.taker_id, "—") if one.taker_id is not None else "—",
        "state": _(title),
        "tone": tone,
        "why": why,
        "since": one.since,
    }


_STATES = {
    "asked": (N_("WeCom is about to be asked"), "plain"),
    "handing": (N_("WeCom is being asked"), "plain"),
    "waiting": (N_("Waits for the customer"), "info"),
    "done": (N_("Handed over"), "accent"),
    "refused": (N_("The customer refused"), "warn"),
    "full": (N_("Who takes over may have no more customers"), "down"),
    "failed": (N_("WeCom refused it"), "down"),
}
#: Source: error codes of transfer_customer.
_REFUSALS = {
    40096: N_("The customer is not there in WeCom any more."),
    40097: N_("WeCom does not know of it that they left."),
    40098: N_("Who takes over is not verified in WeCom, or has no customer contact."),
    40099: N_("Who takes over may have no more customers."),
    40128: N_("The customer was handed over twice within 90 days."),
    40129: N_("The customer is being handed over already."),
    40131: N_("The customer is no friend of theirs any more."),
}


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
        "wecom": _in_wecom(request, giver, to),
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
