"""Coupons of the demo shop: three kinds, some given to its customers, some of these redeemed with the orders that they placed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from yutang.coupons import actions, queries
from yutang.coupons.actions import Sale, Terms, Wanted
from yutang.coupons.queries import CouponFilters
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.orders.models import Order, OrderStatus

_WELCOME, _TENTH, _SCARF = "demo-welcome20", "demo-tenth", "demo-scarf"
_KINDS = (
    Terms(
        name="新客立减20元", code=_WELCOME, gives="amount", amount_minor=2_000, least_minor=9_900, pieces=2_000, valid_days=30,
        margin_percent=55,
    ),
    Terms(
        name="老客九折券", code=_TENTH, gives="percent", percent=10, most_minor=5_000, pieces=1_000, per_person=2, valid_days=45,
        margin_percent=55,
    ),
    Terms(
        name="到店礼：真丝小方巾", code=_SCARF, gives="thing", thing="真丝小方巾一条", cost_minor=1_500, pieces=300, valid_days=14,
        margin_percent=55,
    ),
)  # fmt: skip
#: Pieces of each kind; of every so many one was redeemed.
_GIVEN, _ONE_OF = {_WELCOME: 120, _TENTH: 80, _SCARF: 60}, 3
_DAYS = 70


def make_demo_kinds(*, now: datetime) -> None:
    """Make the kinds, where they are not there yet."""
    known = queries.kind_names()
    for terms in _KINDS:
        if terms.code not in known:
            actions.create_kind(actor=Actor.system(), terms=terms, now=now - timedelta(days=_DAYS))


def waits_for_coupons(*, now: datetime) -> bool:
    """Return whether the demo shop's kinds are there, and nobody has one of them yet."""
    kinds = queries.kind_names()
    return _WELCOME in kinds and not any(
        queries.coupons(access=Actor.system(), filters=CouponFilters(kind=code), limit=1, now=now).rows
        for code in _GIVEN
    )


def give_demo_coupons(*, now: datetime) -> int:
    """Give coupons to people of the shop in the past weeks, redeem some with their orders, and return how many were given."""
    buyers = _buyers(now)
    given = 0
    for n, (code, pieces) in enumerate(_GIVEN.items()):
        # Each kind to people of its own, so that nobody's page is full of them.
        some = buyers[n :: len(_GIVEN)][:pieces]
        given += len(some)
        _give(code, some)
    _give(_WELCOME, [(one, None, now - timedelta(days=n % 12)) for n, one in enumerate(_others(buyers))])
    actions.expire_coupons(actor=Actor.system(), now=now)
    actions.tie_to_orders(actor=Actor.system(), now=now)
    return given


_Buyer = tuple[int, Order | None, datetime]


def _give(code: str, some: Sequence[_Buyer]) -> None:
    system = Actor.system()
    for n, (person, order, at) in enumerate(some):
        wanted = [Wanted(f"demo:{code}:{person}", person)]
        (gift,) = actions.give_coupons(actor=system, kind=code, wanted=wanted, now=at)
        if gift.coupon_id is None or order is None or order.placed_at is None or n % _ONE_OF:
            continue
        sale = Sale(order.store_id, order.number, max(order.total_minor, 9_900))
        clear = actions.show_code(actor=system, coupon_id=gift.coupon_id, now=at)
        actions.redeem_at_till(actor=system, code=clear, sale=sale, now=order.placed_at)


def _buyers(now: datetime) -> list[_Buyer]:
    """Return people with one of their latest orders and a moment some days before it, each once."""
    since = now - timedelta(days=_DAYS - 15)
    orders = Order.objects.filter(
        placed_at__gte=since, placed_at__lt=now, customer__merged_into=None, customer__isnull=False, store__isnull=False
    ).exclude(status__in=(OrderStatus.SHELL, OrderStatus.CANCELLED, OrderStatus.REFUNDED))
    found: dict[int, _Buyer] = {}
    for order in orders.order_by("-id")[:3_000]:
        if order.customer_id is not None and order.placed_at is not None:
            found.setdefault(
                order.customer_id, (order.customer_id, order, order.placed_at - timedelta(days=1 + order.pk % 9))
            )
    return list(found.values())


def _others(buyers: Sequence[_Buyer]) -> list[int]:
    """Return some further people, who have a coupon that waits to be used."""
    known = {person for person, _order, _at in buyers}
    people = Customer.objects.filter(merged_into=None).order_by("-id").values_list("pk", flat=True)[:400]
    return [one for one in people if one not in known][:40]
