"""The room of prepaid balances: the ledger, what is owed, plans, and what the till does for one customer."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.coupons_editor import AmountIsUnreadable
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.foundation.queries import stores
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor, typed_minor
from yutang.membership import actions, queries
from yutang.membership.views import METHOD_TITLES, MovementView

_PAGE, _MOST_IN_A_SHEET, _DAYS = 40, 200, timedelta(days=30)
_LARGEST = 10**8
TONES = {"top_up": "accent", "spending": "info", "return": "plain", "refund": "warn"}


@room("membership.view")
def ledger(request: StaffRequest) -> HttpResponseBase:
    """Show what came to, and went from, balances, and what is owed."""
    asked: dict[str, Any] = {
        "kind": request.GET.get("kind", "") if request.GET.get("kind") in queries.KIND_TITLES else "",
        "store_id": number_asked(request.GET.get("store", "")),
        "customer_id": number_asked(request.GET.get("person", "")),
    }
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, asked))
    page = queries.movements(
        access=request.actor, after_key=number_asked(request.GET.get("after", "")), limit=_PAGE, **asked
    )
    today = timezone.localtime(request.now).date()
    books = queries.books(access=request.actor, first=today - _DAYS, last=today)
    owed = _("%(bonus)s of bonus, %(n)s customers") % {
        "bonus": formats.compact_money(books.owed_bonus_minor), "n": formats.number(books.people),
    }  # fmt: skip
    latest = _("Last %(n)s days") % {"n": _DAYS.days}
    context = {
        "rows": _rows(request, page.rows),
        "next": page.next_key,
        "kinds": [(code, _(title)) for code, title in queries.KIND_TITLES.items()],
        "stores": stores(access=request.actor),
        "asked": asked,
        "is_filtered": any(asked.values()),
        "may_take": may_take_people(request),
        "tiles": [
            {
                "metric": "balance_owed",
                "value": formats.compact_money(books.owed_principal_minor),
                "note": owed,
                "lead": True,
            },
            {"metric": "balance_paid_in", "value": formats.compact_money(books.topped_up_minor), "note": latest},
            {"metric": "balance_spent", "value": formats.compact_money(books.spent_minor), "note": latest},
            {"metric": "balance_gift", "value": formats.compact_money(books.gift_minor), "note": latest},
        ],
    }
    return render(request, "console/balances/ledger.html", context)


@room("membership.change", "membership.view")
def plans(request: StaffRequest) -> HttpResponse:
    """Show and change what may be topped up."""
    written = [(one.principal_minor, one.bonus_minor) for one in queries.plans()]
    rows = [(formats.plain_amount(principal), formats.plain_amount(bonus)) for principal, bonus in written]
    error, status = "", 200
    if request.method == "POST":
        rows = list(zip(request.POST.getlist("principal")[:12], request.POST.getlist("bonus")[:12], strict=False))
        try:
            told = [(_minor(principal), _minor(bonus or "0")) for principal, bonus in rows if principal.strip()]
            actions.change_plans(actor=request.actor, plans=told, now=request.now)
        except DomainError as refusal:
            error, status = spoken(refusal.sentence), 422
        else:
            messages.success(request, _("The plans are kept. They hold from now on."))
            return redirect("balances-plans")
    context = {"rows": [*rows, *[("", "")] * max(1, 5 - len(rows))], "error": error}
    return render(request, "console/balances/plans.html", context, status=status)


@room("membership.take", "customers.view")
@require_POST
def move(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Top a customer's balance up, or take a payment from it."""
    queries.check_served(access=request.actor, customer_id=customer_id, now=request.now)
    own: dict[str, Any] = {
        "actor": request.actor,
        "key": _key(request, customer_id),
        "customer_id": customer_id,
        "store_id": _store(request),
        "now": request.now,
    }
    if request.POST.get("what") == "spend":
        amount, order = _minor(request.POST.get("amount", "")), request.POST.get("order", "").strip()[:80]
        done = actions.spend(amount_fen=amount, order_number=order, **own)
        left = formats.money(done.left.total_minor, done.left.currency)
        messages.success(request, _("Paid. %(left)s is left.") % {"left": left})
    else:
        plan, method = number_asked(request.POST.get("plan", "")), request.POST.get("method", "")
        if plan is None:
            messages.error(request, _("Choose what is topped up."))
            return _back(request, customer_id)
        done = actions.top_up_by_plan(plan_id=plan, method=method, **own)
        left = formats.money(done.left.total_minor, done.left.currency)
        messages.success(request, _("Topped up. The balance is %(left)s.") % {"left": left})
    return _back(request, customer_id)


@room("membership.refund", "customers.view")
@require_POST
def refund(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Pay principal out."""
    people.tags_of(access=request.actor, customer_id=customer_id)
    done = actions.refund_principal(
        actor=request.actor,
        key=_key(request, customer_id),
        customer_id=customer_id,
        amount_fen=_minor(request.POST.get("amount", "")),
        store_id=_store(request),
        method=request.POST.get("method", ""),
        reason=request.POST.get("reason", ""),
        now=request.now,
    )
    paid = formats.money(-done.principal_minor, done.left.currency)
    messages.success(request, _("%(paid)s is to be paid out; the entry stands in the ledger.") % {"paid": paid})
    return _back(request, customer_id)


def _back(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Return to the visit from which the form was sent, else to the customer."""
    address = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return redirect(address) if ours and address.startswith("/visits/") else redirect("customers-one", customer_id)


def _key(request: StaffRequest, customer_id: int) -> str:
    return f"hand:{customer_id}:{request.POST.get('key', '')[:32] or secrets.token_hex(8)}"


def _store(request: StaffRequest) -> int | None:
    """Return the store that a form names, else the only one of who acts."""
    named = number_asked(request.POST.get("store", ""))
    own = request.actor.store_ids
    return named if named is not None else next(iter(own)) if own is not None and len(own) == 1 else None


def _minor(text: str) -> int:
    written = text.strip().replace("¥", "").replace("￥", "").replace(",", "")
    amount = typed_minor(written, most=_LARGEST)
    if amount is None:
        raise AmountIsUnreadable(written=text[:40], field=_("Amount"))
    return amount


def _rows(request: StaffRequest, found: tuple[MovementView, ...]) -> list[dict[str, Any]]:
    names: dict[int, str] = {}
    if request.actor.can("customers.view"):
        ids = sorted({one.customer_id for one in found if one.customer_id is not None})
        known = people.customer_rows(access=request.actor, ids=ids)
        names = {key: spoken_name(row.name) for key, row in known.items()}
    return [
        {
            "one": one,
            "name": names.get(one.customer_id or 0, ""),
            "kind": _(queries.KIND_TITLES[one.kind]),
            "tone": TONES[one.kind],
            "method": _(METHOD_TITLES[one.method]) if one.method else "",
            "amount": formats.money(one.total_minor, one.currency),
            "bonus": formats.money(one.bonus_minor, one.currency) if one.bonus_minor else "",
        }
        for one in found
    ]


def _sheet(request: StaffRequest, asked: dict[str, Any]) -> Sheet:
    titles = [
        _("Number"),
        _("When"),
        pgettext("kind of thing", "What"),
        _("Customer"),
        _("Name"),
        _("Principal"),
        _("Bonus"),
        _("Money moved"),
    ]
    titles += [_("How"), _("Store"), _("Order"), _("Reason"), _("By whom"), _("Currency")]
    return Sheet(_("Prepaid balances"), titles, _lines(request, asked), of_people=True)


def _lines(request: StaffRequest, asked: dict[str, Any]) -> Iterator[list[Any]]:
    after: int | None = None
    while True:
        page = queries.movements(access=request.actor, after_key=after, limit=_MOST_IN_A_SHEET, **asked)
        for row in _rows(request, page.rows):
            one = row["one"]
            money = [
                from_minor(each, currency=one.currency)
                for each in (one.principal_minor, one.bonus_minor, one.till_minor)
            ]
            yield [
                one.id, one.at, row["kind"], one.customer_id, row["name"], *money, row["method"], one.store_name,
                one.order_number, one.reason, one.made_by, one.currency,
            ]  # fmt: skip
        after = page.next_key
        if after is None:
            return
