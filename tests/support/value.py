"""Customers who order as BG/NBD has it, written as orders, so that the models have something to find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from tests.support.commerce import MadeUp, make_ground, touch, touch_whole
from yutang.foundation.models import Region, Store
from yutang.orders.models import Order

FIRST = date(2023, 7, 1)


def make_faithful(*, customers: int, days: int = 360, seed: int = 3) -> MadeUp:
    """Write customers of random pace who may stop after any but the first order; some days have two orders, some orders are refunded."""
    chance = np.random.default_rng(seed)
    made = make_ground(customers=customers)
    orders = []
    for customer in made.customers:
        rate, stops, scale = chance.gamma(0.8, 1 / 50), chance.beta(0.8, 3.0), chance.gamma(4.0, 1 / 8_000)
        at, lives, is_first = chance.uniform(0, days * 0.7), True, True
        while lives and at < days:
            for _ in range(1 + (chance.random() < 0.1)):
                total = int(chance.gamma(6.0) / scale) + 1
                refunded = total if chance.random() < 0.03 else 0
                orders.append((customer, FIRST + timedelta(days=int(at)), total, refunded))
            at += chance.exponential(1 / rate)
            lives = is_first or chance.random() >= stops
            is_first = False
    made.orders += Order.objects.bulk_create(
        Order(
            shop=made.shop, number=f"F{seed}-{place}", customer=customer, store=customer.store, status=40, item_count=1,
            placed_at=datetime.combine(day, datetime.min.time(), UTC), business_date=day, currency="CNY",
            goods_minor=total, total_minor=total, refunded_minor=refunded, content_digest=b"",
        )
        for place, (customer, day, total, refunded) in enumerate(orders)
    )  # fmt: skip
    touch("orders_order", {order.business_date for order in made.orders})
    touch_whole("customers_customer")
    return made


@dataclass(frozen=True)
class Habit:
    """How a group of people buys, in days and minor units: the parameters of BG/NBD and Gamma-Gamma."""

    r: float = 0.8
    alpha: float = 40.0
    a: float = 0.8
    b: float = 3.0
    p: float = 6.0
    q: float = 4.0
    v: float = 8_000.0


#: Two groups that differ in everything.
EAGER = Habit(r=1.2, alpha=60.0, a=0.6, b=5.0, v=8_000.0)
SLOW = Habit(r=0.6, alpha=120.0, a=1.2, b=2.2, v=16_000.0)


def drawn_sales(habit: Habit, *, customers: int, days: int, seed: int) -> tuple[Any, Any, Any]:
    """Return customer (0 up), day (0 up) and money (minor units) of the sales of people who buy just like the models have it."""
    chance = np.random.default_rng(seed)
    rate, stops = chance.gamma(habit.r, 1 / habit.alpha, customers), chance.beta(habit.a, habit.b, customers)
    scale = chance.gamma(habit.q, 1 / habit.v, customers)
    at, there, is_first = chance.uniform(0, days * 0.6, customers), np.arange(customers), True
    found = []
    while len(there):
        money = (chance.gamma(habit.p, 1.0, len(there)) / scale[there]).astype(np.int64) + 1
        found.append((there, at[there].astype(np.int64), money))
        stays = np.ones(len(there), dtype=bool) if is_first else chance.random(len(there)) >= stops[there]
        there = there[stays]
        at[there] += chance.exponential(1.0, len(there)) / rate[there]
        there, is_first = there[at[there] < days], False
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def make_two_regions(habits: tuple[Habit, Habit], *, customers: int, days: int = 800, seed: int = 8) -> MadeUp:
    """Write the customers of two regions, as many in each, with one store each, who buy by a habit of their own."""
    made = make_ground(customers=2 * customers, stores=2)
    south = Region.objects.create(name="South")
    Store.objects.filter(id=made.stores[0].id).update(region=south)
    orders = []
    for half, habit in enumerate(habits):
        people, store = made.customers[half * customers : (half + 1) * customers], made.stores[half]
        found = drawn_sales(habit, customers=customers, days=days, seed=seed + half)
        for number, (who, day, total) in enumerate(zip(*(each.tolist() for each in found), strict=True)):
            on = FIRST - timedelta(days=days - 360) + timedelta(days=day)
            orders.append(
                Order(
                    shop=made.shop, number=f"R{half}-{number}", customer=people[who], store=store, status=40, item_count=1,
                    placed_at=datetime.combine(on, datetime.min.time(), UTC), business_date=on, currency="CNY",
                    goods_minor=total, total_minor=total, content_digest=b"",
                )
            )  # fmt: skip
    made.orders += Order.objects.bulk_create(orders)
    touch("orders_order", {order.business_date for order in made.orders})
    for table in ("customers_customer", "foundation_store", "orders_shop"):
        touch_whole(table)
    return made
