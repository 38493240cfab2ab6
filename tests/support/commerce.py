"""Made-up commerce rows, by seed: stores, people, orders, lines and refunds, written in bulk."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from yutang.customers.models import Customer
from yutang.foundation.models import Region, Staff, Store
from yutang.ingest.models import TouchedPartition
from yutang.orders.models import Order, OrderLine, Product, Refund, Shop

NOW = datetime(2024, 7, 1, 4, 0, tzinfo=UTC)
STATUSES = [0, 10, 20, 30, 40, 40, 40, 40, 50, 60]


@dataclass
class MadeUp:
    """What was written."""

    stores: list[Store]
    customers: list[Customer]
    shop: Shop
    products: list[Product]
    orders: list[Order] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)


def make_ground(*, stores: int = 3, customers: int = 40) -> MadeUp:
    """Write stores with one manager each, people, a shop and products."""
    region = Region.objects.create(name="North")
    made = [Store.objects.create(code=f"S{i}", name=f"Store {i}", region=region if i else None) for i in range(stores)]
    for i, store in enumerate(made):
        manager = Staff.objects.create(username=f"manager{i}", display_name=f"Manager {i}", role="store_manager")
        manager.stores.add(store)
    people = Customer.objects.bulk_create(
        Customer(
            sealed_profile=b"",
            store=made[i % stores] if i % 4 else None,
            first_seen_at=NOW - timedelta(days=i, microseconds=i),
        )
        for i in range(customers)
    )
    shop = Shop.objects.create(platform="taobao", name="one")
    products = Product.objects.bulk_create(Product(shop=shop, code=f"P{i}", name=f"Thing {i}") for i in range(5))
    return MadeUp(made, people, shop, products)


def make_orders(made: MadeUp, *, seed: int, n: int, first: date = date(2023, 10, 1), days: int = 270) -> list[Order]:
    """Write n random orders with lines, and a few refunds that name no order; marks what it touched."""
    rng = random.Random(seed)
    orders = []
    for i in range(n):
        day = first + timedelta(days=rng.randrange(days)) if rng.random() > 0.03 else None
        status = rng.choice(STATUSES)
        total = rng.randrange(100, 50_000)
        refunded = total if status == 60 else rng.choice([0, 0, 0, 0, total // 3])
        orders.append(
            Order(
                shop=made.shop,
                number=f"{seed}-{i}",
                customer=rng.choice(made.customers) if rng.random() > 0.1 else None,
                store=rng.choice([*made.stores, None]),
                status=status,
                channel=rng.choice(["", "live"]),
                item_count=1,
                placed_at=datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=i) if day else None,
                business_date=day,
                currency="CNY" if rng.random() > 0.05 else "USD",
                goods_minor=total,
                total_minor=total,
                refunded_minor=refunded,
                content_digest=b"",
            )
        )
    orders = Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            line_key=bytes([k]),
            position=k,
            product=rng.choice(made.products),
            quantity=1 + k,
            unit_price_minor=100,
            amount_minor=100 * (1 + k),
        )
        for order in orders
        for k in range(rng.randrange(1, 4))
    )
    made.orders += orders
    made.refunds += make_refunds(made, rng=rng, n=n // 20, tag=f"{seed}", first=first, days=days)
    touch("orders_order", {order.business_date for order in orders})
    touch("orders_line", {order.business_date for order in orders})
    return orders


def make_refunds(made: MadeUp, *, rng: random.Random, n: int, tag: str, first: date, days: int) -> list[Refund]:
    """Write n refunds that name no order."""
    refunds = Refund.objects.bulk_create(
        Refund(
            shop=made.shop,
            number=f"R{tag}-{i}",
            line_key=b"",
            customer=rng.choice([*made.customers[:10], None]),
            currency="CNY",
            amount_minor=rng.randrange(1, 2000),
            business_date=first + timedelta(days=rng.randrange(days)),
        )
        for i in range(n)
    )
    touch("orders_refund", {refund.business_date for refund in refunds})
    return refunds


def touch(table: str, days: set[date | None]) -> None:
    """Mark the months of the days as touched."""
    months = {day.strftime("%Y-%m") if day else "none" for day in days}
    TouchedPartition.objects.bulk_create(
        TouchedPartition(table=table, partition=m, touched_at=NOW) for m in sorted(months)
    )


def touch_whole(table: str) -> None:
    """Mark a table that is one partition as touched."""
    TouchedPartition.objects.create(table=table, partition="all", touched_at=NOW)
