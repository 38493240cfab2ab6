"""At the counter, on the phone: check in by code, then offer the upgrade with a script, and top up."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms.visits import rows_of
from yutang.console.sentences import spoken
from yutang.content import queries as content
from yutang.customers.queries import customer_rows
from yutang.kit.errors import DomainError
from yutang.membership import queries as membership
from yutang.membership.views import METHOD_TITLES
from yutang.visits import actions, queries
from yutang.visits.guests import guests

_LONGEST_CODE, _SCRIPTS = 60, 4


@room("visits.book", "visits.view")
def check_in(request: StaffRequest) -> HttpResponse:
    """Check a customer in by the code that is shown; the code of a picture stands in the address."""
    code = request.POST.get("code", request.GET.get("code", ""))[:_LONGEST_CODE]
    if request.method != "POST":
        return render(request, "console/visits/check_in.html", {"code": code})
    try:
        view = actions.check_in(actor=request.actor, code=code, now=request.now)
    except DomainError as refusal:
        context = {"code": code, "error": spoken(refusal.sentence)}
        return render(request, "console/visits/check_in.html", context, status=422)
    messages.success(request, _("Checked in. Welcome the customer, then offer what fits."))
    return redirect("visits-one", view.id)


@room("visits.view")
def one(request: StaffRequest, booking_id: int) -> HttpResponse:
    """Show one visit: who, when, what led to it; once the customer is there, what to say and to offer."""
    view = queries.booking_view(access=request.actor, booking_id=booking_id)
    (row,) = rows_of(request, [view])
    context = {
        "row": row,
        "view": view,
        "scripts": _scripts(request) if view.state == "came" else (),
        "may_work": request.actor.can("visits.book"),
        **balance_shown(request, view.customer_id),
    }
    return render(request, "console/visits/one.html", context)


@room("visits.book", "visits.view")
@require_POST
def here(request: StaffRequest, booking_id: int) -> HttpResponse:
    """Check in a customer who has no code at hand."""
    actions.check_in_by_hand(actor=request.actor, booking_id=booking_id, now=request.now)
    messages.success(request, _("Checked in. Welcome the customer, then offer what fits."))
    return redirect("visits-one", booking_id)


@room("visits.book", "visits.view")
@require_POST
def offer(request: StaffRequest, booking_id: int) -> HttpResponse:
    """Note that an upgrade was offered."""
    actions.note_offer(actor=request.actor, booking_id=booking_id, now=request.now)
    messages.success(request, _("Noted: an upgrade was offered."))
    return redirect("visits-one", booking_id)


def balance_shown(request: StaffRequest, customer_id: int | None) -> dict[str, Any]:
    """Return what a card of the balance shows; nothing for who may not see it, or for nobody."""
    actor = request.actor
    if customer_id is None or not actor.can("membership.view"):
        return {}
    known = membership.balances(access=actor, customer_ids=[customer_id])
    is_own = customer_id in known or _is_within_reach(request, customer_id)
    if not is_own and not guests(access=actor, customer_ids=[customer_id], now=request.now):
        return {}
    may_take_money = actor.can("membership.take") and actor.can("customers.view")
    shown = {
        "sees_balance": True,
        "balance_of": customer_id,
        "balance": membership.served_balance_of(access=actor, customer_id=customer_id, now=request.now),
        "plans": membership.plans(),
        "methods": [(code, _(title)) for code, title in METHOD_TITLES.items()],
        "may_take_money": may_take_money,
        # Each showing of the form is one movement: a second click does nothing.
        "balance_key": secrets.token_hex(8),
    }
    if not is_own:
        # A guest from elsewhere: what was moved before, paying with it and paying out are for who has them within reach.
        return {**shown, "is_guest": True}
    statement = membership.statement_of(access=actor, customer_id=customer_id, limit=6)
    return {
        **shown,
        "movements": [(each, _(membership.KIND_TITLES[each.kind])) for each in statement.rows],
        "may_spend": may_take_money,
        "may_pay_out": actor.can("membership.refund") and actor.can("customers.view"),
    }


def _is_within_reach(request: StaffRequest, customer_id: int) -> bool:
    return request.actor.can("customers.view") and customer_id in customer_rows(access=request.actor, ids=[customer_id])


def _scripts(request: StaffRequest) -> Any:
    if not request.actor.can("content.view"):
        return ()
    language = "en" if get_language() == "en" else "zh-hans"
    return content.scripts(access=request.actor, situation="upgrade", language=language)[:_SCRIPTS]
