"""One buying group: who is in it, what each paid and got back, what the guard said; and taking somebody out at their wish."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import guard_words
from yutang.console.rooms.groupbuy import group_row
from yutang.console.sentences import spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.groupbuy import actions
from yutang.groupbuy.members import Member, group_view, members_of
from yutang.groupbuy.queries import SEAT_TITLES
from yutang.groupbuy.views import GroupView
from yutang.kit.money import from_minor
from yutang.payments import actions as payments
from yutang.payments.queries import REFUND_TITLES
from yutang.risk import queries as risk
from yutang.risk.views import DecisionView

_TONES = {
    "held": "info", "paid": "accent", "lapsed": "plain", "left": "plain", "refunded": "warn", "late": "warn", "returned": "warn",
}  # fmt: skip


@room("groupbuy.view")
def group(request: StaffRequest, buying_group_id: int) -> HttpResponseBase:
    """Show one group with the members within reach."""
    view = group_view(access=request.actor, group_id=buying_group_id, now=request.now)
    found = members_of(access=request.actor, group_id=view.id)
    names = _names(request, found)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(view.code, found, names))
    decided = _decided(request, found)
    context = {
        "view": view,
        "row": group_row(view),
        "rows": [_row(one, names, decided) for one in found],
        "hidden": _hidden(view, found),
        "may_take": may_take_people(request),
        "may_give_back": request.actor.can("groupbuy.change") and request.actor.can("payments.refund"),
        "sees_guard": request.actor.can("guard.view"),
    }
    return render(request, "console/groupbuy/group.html", context)


def _hidden(view: GroupView, found: Sequence[Member]) -> int:
    """Return how many places are taken by people who are not within reach; of a group that did not fill, nobody has one any more."""
    taken = view.taken if view.state == "open" else view.present if view.state == "filled" else 0
    return max(taken - sum(one.state in {"held", "paid"} for one in found), 0)


@room("groupbuy.change", "payments.refund")
@require_POST
def take_out(request: StaffRequest, buying_group_id: int, buying_seat_id: int) -> HttpResponse:
    """Take somebody out, their money given back."""
    is_back = actions.take_out(
        actor=request.actor, seat_id=buying_seat_id, reason=request.POST.get("reason", ""), now=request.now
    )
    told = _("The money goes back.") if is_back else _("The place is free; nothing had been paid.")
    messages.success(request, told)
    return redirect("groupbuy-group", buying_group_id)


@room("payments.refund")
@require_POST
def retry(request: StaffRequest, buying_group_id: int, refund_id: int) -> HttpResponse:
    """Send a refund of this group that needed a person once more."""
    if payments.retry_refund(actor=request.actor, refund_id=refund_id, now=request.now):
        messages.success(request, _("It is sent once more."))
    else:
        messages.warning(request, _("This refund is not waiting for a person."))
    return redirect("groupbuy-group", buying_group_id)


def _names(request: StaffRequest, found: Sequence[Member]) -> dict[int, str]:
    if not request.actor.can("customers.view"):
        return {}
    keys = {key for one in found for key in (one.customer_id, one.invited_by) if key is not None}
    rows = people.customer_rows(access=request.actor, ids=sorted(keys))
    return {key: spoken_name(row.name) for key, row in rows.items()}


def _decided(request: StaffRequest, found: Collection[Member]) -> Mapping[str, DecisionView]:
    if not request.actor.can("guard.view"):
        return {}
    return risk.decisions_of_keys(access=request.actor, keys=[one.ask_key for one in found])


def _row(one: Member, names: Mapping[int, str], decided: Mapping[str, DecisionView]) -> dict[str, Any]:
    decision = decided.get(one.ask_key)
    return {
        "one": one,
        "key": str(one.id),
        "name": names.get(one.customer_id or 0, ""),
        "inviter": names.get(one.invited_by or 0, ""),
        "state": _(SEAT_TITLES[one.state]),
        "tone": _TONES[one.state],
        "price": formats.money(one.price_minor, "CNY"),
        "refunds": [
            {
                "one": back,
                "state": _(REFUND_TITLES[back.state]),
                "amount": formats.money(back.amount_minor, "CNY"),
            }
            for back in (one.payment.refunds if one.payment else ())
        ],
        "guard": guard_words.row(decision) if decision is not None else None,
    }


def _sheet(code: str, found: Sequence[Member], names: Mapping[int, str]) -> Sheet:
    titles = [
        pgettext("in a group", "Place"),
        _("Number"),
        _("Name"),
        _("State"),
        _("Captain"),
        _("Newcomer"),
        _("Price"),
        _("Money given back"),
    ]
    titles += [_("Currency"), _("Joined"), _("Paid"), _("Store")]
    lines = (
        [
            one.number,
            one.customer_id,
            names.get(one.customer_id or 0, ""),
            _(SEAT_TITLES[one.state]),
            _("yes") if one.is_captain else _("no"),
            _("yes") if one.is_newcomer else _("no"),
            from_minor(one.price_minor, currency="CNY"),
            from_minor(one.payment.refunded_minor if one.payment else 0, currency="CNY"),
            "CNY",
            one.joined_at,
            one.paid_at,
            one.store_name,
        ]
        for one in found
    )
    return Sheet(_("Buying group %(code)s") % {"code": code}, titles, lines, of_people=True)
