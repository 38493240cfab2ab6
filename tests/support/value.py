"""Customers who order as BG/NBD has it, written as orders, so that the models have something to find."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from tests.support.commerce import MadeUp, make_ground, touch, touch_whole
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
