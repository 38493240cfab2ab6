"""The room of payments: what was asked for, paid and given back, the accounts of the ledger, and refunds that need a person."""

from __future__ import annotations

from collections.abc import Iterator
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
from yutang.console.rooms.asked import number_asked
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.kit.money import from_minor
from yutang.kit.text import N_
from yutang.payments import actions, queries
from yutang.payments.queries import ADAPTER_TITLES, REFUND_TITLES, STATE_TITLES, Balance, PaymentFilters, PaymentView

_PAGE, _SHEET = 40, 200
_TONES = {"asked": "info", "paid": "accent", "closed": "plain"}
_FILTERS = {**STATE_TITLES, "refunds_failed": N_("With a refund that needs a person")}
_PURPOSES = {"groupbuy-seat": N_("Place in a group"), "top-up": N_("Prepaid balance")}
_ACCOUNTS = {"provider": N_("With %(what)s"), "taken": N_("Taken for: %(what)s"), "due": N_("To go back by %(what)s")}


@room("payments.view")
def payments(request: StaffRequest) -> HttpResponseBase:
    """Show payments, newest first, with the accounts of the ledger."""
    state = request.GET.get("state", "")
    filters = PaymentFilters(state=state if state in _FILTERS else "")
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, filters))
    after = number_asked(request.GET.get("after", ""))
    page = queries.payments(access=request.actor, filters=filters, after_key=after, limit=_PAGE)
    wrong = queries.unbalanced(access=request.actor)
    context = {
        "rows": [_row(one) for one in page.rows],
        "next": page.next_key,
        "states": [(code, _(title)) for code, title in _FILTERS.items()],
        "state": filters.state,
        "balances": [_account(one) for one in queries.balances(access=request.actor)],
        "wrong": [f"{what} {off}" for what, off in wrong],
        "is_sandbox": queries.is_sandbox(),
        "can_pay": queries.has_way_to_pay(),
    }
    return render(request, "console/payments/list.html", context)


@room("payments.refund")
@require_POST
def retry(request: StaffRequest, refund_id: int) -> HttpResponse:
    """Send a refund that needed a person once more."""
    if actions.retry_refund(actor=request.actor, refund_id=refund_id, now=request.now):
        messages.success(request, _("It is sent once more."))
    else:
        messages.warning(request, _("This refund is not waiting for a person."))
    return redirect("payments")


def _row(one: PaymentView) -> dict[str, Any]:
    return {
        "one": one,
        "state": _(STATE_TITLES[one.state]),
        "tone": _TONES[one.state],
        "what": _purpose(one.purpose),
        "by": _(ADAPTER_TITLES[one.adapter]),
        "amount": formats.money(one.amount_minor, one.currency),
        "refunds": [
            {
                "one": back,
                "state": _(REFUND_TITLES[back.state]),
                "amount": formats.money(back.amount_minor, one.currency),
            }
            for back in one.refunds
        ],
    }


def _purpose(purpose: str) -> str:
    kind = purpose.partition(":")[0]
    return _(_PURPOSES[kind]) if kind in _PURPOSES else kind


def _account(one: Balance) -> tuple[str, str]:
    kind, _colon, rest = one.account.partition(":")
    what = _(ADAPTER_TITLES[rest]) if rest in ADAPTER_TITLES else _purpose(rest)
    title = _(_ACCOUNTS[kind]) % {"what": what} if kind in _ACCOUNTS else one.account
    return title, formats.money(one.minor, one.currency)


def _sheet(request: StaffRequest, filters: PaymentFilters) -> Sheet:
    titles = [
        _("Number"),
        _("Purpose"),
        pgettext("payment", "By"),
        _("State"),
        _("Amount"),
        _("Money given back"),
        _("Currency"),
        _("Asked for"),
        _("Paid"),
    ]
    return Sheet(_("Payments"), titles, _lines(request, filters))


def _lines(request: StaffRequest, filters: PaymentFilters) -> Iterator[list[Any]]:
    after: int | None = None
    while True:
        page = queries.payments(access=request.actor, filters=filters, after_key=after, limit=_SHEET)
        for one in page.rows:
            yield [
                one.id, one.purpose, _(ADAPTER_TITLES[one.adapter]), _(STATE_TITLES[one.state]),
                from_minor(one.amount_minor, currency=one.currency), from_minor(one.refunded_minor, currency=one.currency),
                one.currency, one.asked_at, one.paid_at,
            ]  # fmt: skip
        after = page.next_key
        if after is None:
            return
