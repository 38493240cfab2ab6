"""Redeeming at the till, on a phone: type the code, see what it is for and whether it holds, confirm."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import coupons_words as words
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.coupons_editor import AmountIsUnreadable
from yutang.console.sentences import spoken, spoken_name
from yutang.coupons import actions, queries
from yutang.coupons.actions import Look, Sale
from yutang.coupons.views import CouponView
from yutang.customers import queries as people
from yutang.foundation.queries import stores
from yutang.kit.errors import DomainError
from yutang.kit.money import typed_minor

_LARGEST = 10**10


@room("coupons.redeem")
def redeem(request: StaffRequest) -> HttpResponse:
    """Look a code up, and redeem it once that is confirmed."""
    if request.method != "POST":
        return _page(request)
    try:
        sale = _sale(request)
        if request.POST.get("step") != "redeem":
            return _page(request, shown=_looked_up(request, sale))
        coupon_id = actions.redeem_at_till(actor=request.actor, code=_code(request), sale=sale, now=request.now)
    except DomainError as refusal:
        return _page(request, error=refusal)
    view = queries.coupon_at_till(access=request.actor, coupon_id=coupon_id, now=request.now)
    messages.success(request, _done_words(view))
    return redirect("coupons-redeem")


def _looked_up(request: StaffRequest, sale: Sale) -> dict[str, Any]:
    """Return what a code is for, and whether it holds."""
    look = actions.look_up_code(actor=request.actor, code=_code(request), sale=sale, now=request.now)
    view = queries.coupon_at_till(access=request.actor, coupon_id=look.coupon_id, now=request.now)
    kind = _kind_facts(request, view)
    return {
        "row": words.row(view),
        "name": _name(request, view),
        "holds": look.refusal is None,
        "why": spoken(look.refusal.sentence) if look.refusal else "",
        "off": _off_words(view, look),
        "needs_value": look.refusal is None and look.off_minor is None,
        **kind,
    }


def _kind_facts(request: StaffRequest, view: CouponView) -> dict[str, Any]:
    if not request.actor.can("coupons.view"):
        return {"gift": "", "products": ""}
    kind = queries.kind_view(access=request.actor, kind_id=view.kind_id)
    return {"gift": words.gift_words(kind), "products": "、".join(kind.terms.products[:8])}


def _name(request: StaffRequest, view: CouponView) -> str:
    """Return whose it is, masked, where the person is within reach."""
    if view.customer_id is None or not request.actor.can("customers.view"):
        return ""
    known = people.customer_rows(access=request.actor, ids=[view.customer_id]).get(view.customer_id)
    return "" if known is None else spoken_name(known.name)


def _off_words(view: CouponView, look: Look) -> str:
    return "" if look.off_minor is None else formats.money(look.off_minor, view.currency)


def _done_words(view: CouponView) -> str:
    told = {"name": view.kind_name, "off": formats.money(view.off_minor, view.currency)}
    return _("“%(name)s” is redeemed: %(off)s.") % told if view.off_minor else _("“%(name)s” is redeemed.") % told


def _code(request: StaffRequest) -> str:
    return request.POST.get("code", "")[:60]


def _sale(request: StaffRequest) -> Sale:
    text = request.POST.get("worth", "").strip().replace("¥", "").replace("￥", "").replace(",", "")
    order_minor = None
    if text:
        order_minor = typed_minor(text, most=_LARGEST)
        if not order_minor:
            raise AmountIsUnreadable(written=text[:40], field=_("Value of the order"))
    store_id = number_asked(request.POST.get("store", ""))
    return Sale(store_id, request.POST.get("order", ""), order_minor)


def _page(
    request: StaffRequest, *, shown: dict[str, Any] | None = None, error: DomainError | None = None
) -> HttpResponse:
    written = {name: request.POST.get(name, "") for name in ("code", "worth", "order", "store")}
    context = {
        "written": written,
        "store_id": number_asked(written["store"]),
        "stores": stores(access=request.actor),
        "shown": shown,
        "error": spoken(error.sentence) if error else "",
    }
    return render(request, "console/coupons/redeem.html", context, status=422 if error else 200)
