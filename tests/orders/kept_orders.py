"""Orders that tests make by hand, and where PostgreSQL keeps them."""

from __future__ import annotations

from datetime import date
from typing import Any

from yutang.foundation.bulk import fetch
from yutang.orders.models import Order, OrderLine, OrderStatus, Product, Refund, Shop


def order(shop: Shop, number: str, *, day: str | None = "2026-03-10", **columns: Any) -> Order:
    told = {"status": OrderStatus.COMPLETED, "currency": "CNY", "content_digest": b"0" * 16, **columns}
    return Order.objects.create(shop=shop, number=number, business_date=day and date.fromisoformat(day), **told)


def part_of(key: int) -> str:
    ((part,),) = fetch("SELECT tableoid::regclass::text FROM orders_order WHERE id = %s", [key])
    return str(part)


def known() -> set[tuple[int, str]]:
    return set(fetch("SELECT id, number FROM orders_order_once"))


def line(one: Order) -> OrderLine:
    product, _ = Product.objects.get_or_create(shop=one.shop, code="P1", defaults={"name": "灯笼"})
    return OrderLine.objects.create(
        order=one, line_key=one.pk.to_bytes(16), position=1, product=product, quantity=1, unit_price_minor=5,
        amount_minor=5,
    )  # fmt: skip


def refund(shop: Shop, number: str, *, day: str, order: Order | None = None) -> Refund:
    return Refund.objects.create(
        shop=shop, number=number, line_key=b"", order=order, currency="CNY", amount_minor=5,
        business_date=date.fromisoformat(day),
    )  # fmt: skip
