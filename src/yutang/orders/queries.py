"""What others may read of orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.db.models import Case, Count, F, QuerySet, Sum, When
from django.db.models.functions import TruncMonth

from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.orders.arrivals import keys_by_number
from yutang.orders.models import Order, OrderLine, OrderStatus, Refund

#: Orders that are no sale: cancelled, or known by their lines alone.
NOT_A_SALE = (OrderStatus.CANCELLED, OrderStatus.SHELL)

_MOST_ORDERS = 200
#: Orders among which those of people who bought lately are looked for.
_LOOKED_THROUGH = 2_000
#: Orders that one call looks through for those of a store.
_PART = 50_000


class NoSuchOrder(DomainError):
    """The order does not exist, or its customer is out of the actor's reach."""

    code: ClassVar[str] = "no_such_order"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no order %(order_id)s within your reach.")


@dataclass(frozen=True)
class LineView:
    """One line of an order. Money in minor units of the order's currency."""

    product_code: str
    product_name: str
    spec: str
    quantity: int
    unit_price_minor: int
    amount_minor: int


@dataclass(frozen=True)
class OrderView:
    """One order with its lines.

    Attributes:
        total_minor: what the buyer paid or has to pay.
        refunded_minor: what was given back of it.
    """

    id: int
    number: str
    customer_id: int | None
    platform: str
    shop_name: str
    store_id: int | None
    store_name: str
    status: int
    status_label: str
    channel: str
    title: str
    placed_at: datetime | None
    business_date: date | None
    currency: str
    total_minor: int
    refunded_minor: int
    lines: tuple[LineView, ...]

    @property
    def is_sale(self) -> bool:
        """Whether it counts as a sale."""
        return self.status not in NOT_A_SALE


@dataclass(frozen=True)
class OrderPage:
    """A page of orders; give `next_key` as `before_id` for the next one, None: that was all. A page may be empty before it."""

    orders: tuple[OrderView, ...]
    next_key: int | None


@dataclass(frozen=True)
class RefundView:
    """Money given back, with or without an order that it belongs to."""

    id: int
    number: str
    order_number: str
    product_name: str
    amount_minor: int
    currency: str
    refunded_at: datetime | None


@dataclass(frozen=True)
class OrderTotals:
    """Sums over a customer's sales. Money in minor units."""

    orders: int
    total_minor: int
    refunded_minor: int
    currency: str


def orders_of(*, access: Actor, customer_id: int, before_id: int | None = None, limit: int = 20) -> list[OrderView]:
    """Return a customer's orders, newest first, with their lines.

    Args:
        access: needs ``customers.view``.
        customer_id: whose.
        before_id: last order of the page before.
        limit: most orders to return.
    """
    access.require("customers.view")
    orders = Order.objects.filter(customer_id=customer_id)
    if before_id is not None:
        last = orders.filter(pk=before_id).values_list("business_date", flat=True).first()
        if last is not None:
            orders = orders.filter(business_date__lte=last).exclude(business_date=last, pk__gte=before_id)
    return _views(orders.order_by(F("business_date").desc(nulls_last=True), "-id")[:limit])


def orders_page(
    *, access: Actor, number: str = "", store_id: int | None = None, before_id: int | None = None, limit: int = 50
) -> OrderPage:
    """Return orders of people within reach, the last brought in first, with their lines; whole chains see those of nobody too.

    Args:
        access: needs ``customers.view``.
        number: only orders of this number; numbers are unique within a shop only.
        store_id: only of this store.
        before_id: `next_key` of the page before.
        limit: orders a page, at most 200.
    """
    access.require("customers.view")
    orders = Order.objects.order_by("-id")
    if access.store_ids is not None:
        orders = orders.filter(customer__store_id__in=access.store_ids)
    if store_id is not None:
        orders = orders.filter(store_id=store_id)
    if number:
        orders = orders.filter(pk__in=[key for _number, key in keys_by_number([number.strip()])])
    newest = Order.objects.order_by("-id").values_list("pk", flat=True).first() or 0
    top = newest if before_id is None else min(before_id - 1, newest)
    orders = orders.filter(pk__lte=top)
    # A store sells a small part of a chain's orders: one call looks through a bounded part of them.
    floor = 0 if number or (access.store_ids is None and store_id is None) else max(0, top - _PART)
    limit = min(limit, _MOST_ORDERS)
    ids = list(orders.filter(pk__gt=floor).values_list("pk", flat=True)[: limit + 1])
    following = ids[limit - 1] if len(ids) > limit else _key_before(floor)
    return OrderPage(tuple(_views(Order.objects.filter(pk__in=ids[:limit]).order_by("-id"))), following)


def _key_before(floor: int) -> int | None:
    """Return the key before which the orders up to a key begin, over what is free between two months; None: there are none."""
    beneath = (
        Order.objects.filter(pk__lte=floor).order_by("-id").values_list("pk", flat=True).first() if floor else None
    )
    return None if beneath is None else beneath + 1


def order_view(*, access: Actor, order_id: int) -> OrderView:
    """Return one order of somebody within reach.

    Raises:
        NoSuchOrder: there is none within reach.
    """
    access.require("customers.view")
    orders = Order.objects.filter(pk=order_id)
    if access.store_ids is not None:
        orders = orders.filter(customer__store_id__in=access.store_ids)
    found = _views(orders)
    if not found:
        raise NoSuchOrder(order_id=order_id)
    return found[0]


def order_totals_of(*, access: Actor, customer_id: int) -> OrderTotals:
    """Return how much a customer has bought and given back."""
    access.require("customers.view")
    sales = Order.objects.filter(customer_id=customer_id).exclude(status__in=NOT_A_SALE)
    sums = sales.aggregate(n=Count("pk"), total=Sum("total_minor"), refunded=Sum("refunded_minor"))
    currency = sales.values_list("currency", flat=True).first() or "CNY"
    return OrderTotals(sums["n"], sums["total"] or 0, sums["refunded"] or 0, currency)


def refunds_without_order_of(*, access: Actor, customer_id: int, limit: int = 20) -> list[RefundView]:
    """Return refunds that belong to the customer but to no known order."""
    access.require("customers.view")
    refunds = Refund.objects.filter(customer_id=customer_id, order=None).select_related("product").order_by("-id")
    return [
        RefundView(
            r.pk,
            r.number,
            r.order_number,
            r.product.name if r.product else "",
            r.amount_minor,
            r.currency,
            r.refunded_at,
        )
        for r in refunds[:limit]
    ]


def spend_by_month(*, access: Actor, customer_id: int) -> list[tuple[date, int, int]]:
    """Return (month, orders, net spend in minor units) of a customer's sales, oldest first; months without are left out."""
    access.require("customers.view")
    sales = Order.objects.filter(customer_id=customer_id, business_date__isnull=False).exclude(status__in=NOT_A_SALE)
    months = (
        sales.annotate(month=TruncMonth("business_date"))
        .values("month")
        .annotate(n=Count("pk"), net=Sum(F("total_minor") - F("refunded_minor")))
        .order_by("month")
    )
    return [(m["month"], m["n"], m["net"]) for m in months]


def customers_by_order_number(number: str) -> list[int]:
    """Return the people behind an order number; numbers are unique within a shop only."""
    keys = [key for _number, key in keys_by_number([number.strip()])]
    numbered = Order.objects.filter(pk__in=keys, customer__isnull=False)
    owner = Case(When(customer__merged_into=None, then=F("customer_id")), default=F("customer__merged_into_id"))
    return sorted(set(numbered.values_list(owner, flat=True)))


def recent_buyers(*, access: Actor, limit: int) -> list[int]:
    """Return people within reach who bought lately, the last first: of the orders brought in last, of which a bounded part is read."""
    access.require("customers.view")
    last = list(Order.objects.order_by("-id").values_list("pk", flat=True)[:_LOOKED_THROUGH])
    sales = Order.objects.filter(pk__in=last, customer__merged_into=None, customer__isnull=False)
    sales = sales.exclude(status__in=NOT_A_SALE)
    if access.store_ids is not None:
        sales = sales.filter(customer__store_id__in=access.store_ids)
    found = sales.order_by(F("business_date").desc(nulls_last=True), "-id").values_list("customer_id", flat=True)
    return list(dict.fromkeys(found))[:limit]


def has_orders() -> bool:
    """Return whether anything was ever sold."""
    return Order.objects.exists()


def _views(orders: QuerySet[Order]) -> list[OrderView]:
    found = list(orders.select_related("shop", "store"))
    lines = _lines_by_order(o.pk for o in found)
    return [
        OrderView(
            id=o.pk,
            number=o.number,
            customer_id=o.customer_id,
            platform=o.shop.platform,
            shop_name=o.shop.name,
            store_id=o.store_id,
            store_name=o.store.name if o.store else "",
            status=o.status,
            status_label=str(OrderStatus(o.status).label),
            channel=o.channel,
            title=o.title,
            placed_at=o.placed_at,
            business_date=o.business_date,
            currency=o.currency,
            total_minor=o.total_minor,
            refunded_minor=o.refunded_minor,
            lines=tuple(lines[o.pk]),
        )
        for o in found
    ]


def _lines_by_order(order_ids: Iterable[int]) -> dict[int, list[LineView]]:
    lines: dict[int, list[LineView]] = defaultdict(list)
    found = (
        OrderLine.objects.filter(order_id__in=list(order_ids))
        .select_related("product")
        .order_by("order_id", "position", "id")
    )
    for line in found:
        lines[line.order_id].append(
            LineView(
                line.product.code, line.product.name, line.spec, line.quantity, line.unit_price_minor, line.amount_minor
            )
        )
    return lines
