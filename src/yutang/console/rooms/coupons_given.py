"""Coupons that people have: the list with its filters, giving one by hand, taking one back, reading its code out."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import coupons_words as words
from yutang.console.rooms.asked import number_asked
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.coupons import actions, queries
from yutang.coupons.queries import STATE_TITLES, CouponFilters
from yutang.customers import queries as people
from yutang.foundation.queries import stores
from yutang.kit.money import from_minor

_PAGE, _MOST_IN_A_SHEET, _LONGEST_CODE = 40, 200, 60


@room("coupons.view")
def given(request: StaffRequest) -> HttpResponseBase:
    """Show the coupons that people have, as the filters narrow them."""
    filters = _filters(request)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, filters))
    page = queries.coupons(
        access=request.actor,
        filters=filters,
        after_key=number_asked(request.GET.get("after", "")),
        limit=_PAGE,
        now=request.now,
    )
    context = {
        "rows": words.rows(request, page.rows),
        "next": page.next_key,
        "filters": filters,
        "kinds": [(one.code, one.name) for one in queries.kinds(access=request.actor)],
        "states": [(code, _(title)) for code, title in STATE_TITLES.items()],
        "stores": stores(access=request.actor),
        "is_filtered": filters != CouponFilters(),
        "may_take": request.actor.can("segments.export"),
    }
    return render(request, "console/coupons/given.html", context)


@room("coupons.give", "customers.view")
@require_POST
def give(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Give a person a coupon; the form's own key lets a second click do nothing."""
    # Who is out of reach is not there, before anything else is looked at.
    people.tags_of(access=request.actor, customer_id=customer_id)
    own = request.POST.get("key", "")
    key = f"hand:{customer_id}:{own[:32] or secrets.token_hex(8)}"
    kind = request.POST.get("coupon", "")
    if not kind:
        messages.warning(request, _("Choose a kind of coupon."))
        return redirect("customers-one", customer_id)
    actions.give_coupon(actor=request.actor, kind=kind, customer_id=customer_id, key=key, now=request.now)
    messages.success(request, _("The coupon was given. Show the customer its code, or send it."))
    return redirect("customers-one", customer_id)


@room("coupons.give", "customers.view")
@require_POST
def take_back(request: StaffRequest, coupon_id: int) -> HttpResponse:
    """Take a coupon back that was not used."""
    view = queries.coupon_view(access=request.actor, coupon_id=coupon_id, now=request.now)
    reason = request.POST.get("reason", "")
    actions.take_back_coupon(actor=request.actor, coupon_id=coupon_id, reason=reason, now=request.now)
    messages.success(request, _("The coupon was taken back."))
    return redirect("coupons-given") if view.customer_id is None else redirect("customers-one", view.customer_id)


@never_cache
@room("coupons.give", "coupons.view")
@require_POST
def show(request: StaffRequest, coupon_id: int) -> HttpResponse:
    """Show the code of a coupon for this one answer; who looked is in the audit log."""
    view = queries.coupon_view(access=request.actor, coupon_id=coupon_id, now=request.now)
    code = actions.show_code(actor=request.actor, coupon_id=coupon_id, now=request.now)
    context = {"row": words.row(view), "code": code}
    return render(request, "console/coupons/code.html", context)


def _filters(request: StaffRequest) -> CouponFilters:
    asked = request.GET
    state = asked.get("state", "")
    return CouponFilters(
        kind=asked.get("kind", "")[:40],
        state=state if state in STATE_TITLES else "",
        customer_id=number_asked(asked.get("person", "")),
        store_id=number_asked(asked.get("store", "")),
        campaign=asked.get("campaign", "")[:64],
        code_end=asked.get("end", "").strip().upper()[:_LONGEST_CODE],
    )


def _sheet(request: StaffRequest, filters: CouponFilters) -> Sheet:
    titles = [
        _("Number"),
        _("Kind"),
        _("Customer"),
        _("Name"),
        _("Ends in"),
        _("State"),
        _("Given for"),
        _("Given"),
        _("Last day"),
    ]
    titles += [_("Redeemed"), _("Store"), _("Order"), _("Order value"), _("Taken off"), _("Currency"), _("Reason")]
    return Sheet(_("Coupons given"), titles, _lines(request, filters), of_people=True)


def _lines(request: StaffRequest, filters: CouponFilters) -> Iterator[list[Any]]:
    after: int | None = None
    while True:
        page = queries.coupons(
            access=request.actor, filters=filters, after_key=after, limit=_MOST_IN_A_SHEET, now=request.now
        )
        for row in words.rows(request, page.rows):
            one = row["one"]
            worth = None if one.order_minor is None else from_minor(one.order_minor, currency=one.currency)
            yield [
                one.id, one.kind_name, one.customer_id, row["name"], one.code_end, row["state"], one.campaign, one.given_at,
                one.last_date, one.redeemed_at, one.store_name, one.order_number, worth,
                from_minor(one.off_minor, currency=one.currency), one.currency, one.reason,
            ]  # fmt: skip
        after = page.next_key
        if after is None:
            return
