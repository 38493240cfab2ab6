"""The coupons of one customer: on their page, and in their timeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.rooms import coupons_words as words
from yutang.coupons import queries
from yutang.coupons.views import CouponView

#: Coupons that are shown; the list of coupons shows the others.
_MOST = 8


def coupons_shown(request: StaffRequest, customer_id: int) -> dict[str, Any]:
    """Return what the card of coupons shows; nothing for who may not see coupons."""
    if not request.actor.can("coupons.view"):
        return {}
    found = queries.coupons_of(access=request.actor, customer_id=customer_id, limit=_MOST + 1, now=request.now)
    may_give = request.actor.can("coupons.give")
    return {
        "sees_coupons": True,
        "coupons": [words.row(one) for one in found[:_MOST]],
        "more_coupons": len(found) > _MOST,
        "may_give_coupons": may_give,
        "coupon_kinds": queries.kind_choices() if may_give else (),
        # A second click on the same form gives nothing: the page it came from knew no later coupon.
        "coupon_key": f"{request.actor.own_id}:{found[0].id if found else 0}",
    }


def coupon_events(request: StaffRequest, customer_id: int) -> Iterator[dict[str, Any]]:
    """Yield what happened with a person's coupons, for the timeline."""
    if not request.actor.can("coupons.view"):
        return
    for one in queries.coupons_of(access=request.actor, customer_id=customer_id, now=request.now):
        yield from _events(one)


def _events(one: CouponView) -> Iterator[dict[str, Any]]:
    named = {"name": one.kind_name}
    yield _event(one.given_at, "info", _("Coupon given: %(name)s") % named, one.given_by)
    if one.redeemed_at is not None:
        off = formats.money(one.off_minor, one.currency) if one.off_minor else ""
        where = " · ".join(part for part in (off, one.store_name, one.order_number) if part)
        yield _event(one.redeemed_at, "accent", _("Coupon redeemed: %(name)s") % named, where)
    if one.taken_back_at is not None:
        yield _event(one.taken_back_at, "warn", _("Coupon taken back: %(name)s") % named, one.reason)


def _event(at: Any, tone: str, title: str, text: str) -> dict[str, Any]:
    return {"at": at, "icon": "coupon", "tone": tone, "title": title, "text": text}
