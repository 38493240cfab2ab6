"""Chains of the simulator with one planted cause, laid straight into a lake, and whether an explanation finds the cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.lakes import write_lake
from yutang.insight.queries.change import SalesChange
from yutang.insight.queries.dashboard import Period
from yutang.lake.manifest import Snapshot
from yutang.simulator.behaviour import BLOCK, Behaviour
from yutang.simulator.catalogue import Catalogue
from yutang.simulator.chain import made_up_chain
from yutang.simulator.chance import Dice
from yutang.simulator.orders import CANCELLED, DAY, REFUNDED, UNPAID, OrderBook
from yutang.simulator.people import People
from yutang.simulator.plan import PLATFORMS, Cause, Plan
from yutang.simulator.traffic import Traffic

#: A quiet span: no campaign of the year and no festival lies in the days compared.
FIRST, LAST = date(2025, 9, 1), date(2026, 6, 1)
DAYS = 28
NOW = Period(LAST - timedelta(days=DAYS), LAST)
BEFORE = Period(NOW.start - timedelta(days=DAYS), NOW.start)
STORES = 5
#: What is planted by turns, and how strongly; and the parts that say so.
PLANTED = {
    "traffic": (0.6, "traffic"),
    "entry_rate": (0.6, "entry_rate"),
    "conversion": (0.6, "conversion"),
    "order_value": (1.25, "visit_value"),
    "newcomers": (4.0, "new_buyers"),
}


@dataclass(frozen=True)
class Planted:
    """A lake with a cause in it."""

    snapshot: Snapshot
    cause: Cause
    group_key: str
    part: str


def plant(seed: int, folder: Path, *, customers: int = 24_000) -> Planted:
    """Write the lake of a chain in which one cause, by turns of the seed, works on the last 28 days."""
    kind = list(PLANTED)[seed % len(PLANTED)]
    factor, part = PLANTED[kind]
    place = seed // len(PLANTED) % STORES
    bare = Plan(seed=seed, customers=customers, stores=STORES, from_date=FIRST, to_date=LAST, causes=())
    code = made_up_chain(bare, Dice(seed)).stores[place].code
    subject = "taobao" if kind == "newcomers" else code
    cause = Cause(kind, subject, NOW.start, NOW.end, factor)
    plan = Plan(seed=seed, customers=customers, stores=STORES, from_date=FIRST, to_date=LAST, causes=(cause,))
    rows = _rows_of(plan)
    key = "taobao/" if kind == "newcomers" else str(place + 1)
    return Planted(write_lake(folder, rows), cause, key, part)


def is_found(planted: Planted, change: SalesChange) -> bool:
    """Return whether the planted part of the planted group stands out: the largest of its group, with the right sign.

    It must also have moved its group more, against what it sold before, than the same part moved any other group.
    """
    group = next((each for each in change.groups if each.key == planted.group_key), None)
    if group is None:
        return False
    amount = group.split.parts.get(planted.part, 0)
    right = amount > 0 if planted.cause.factor > 1 else amount < 0
    others = [
        abs(each.split.parts.get(planted.part, 0)) / max(each.split.before_minor, 1)
        for each in change.groups
        if each.key != planted.group_key and each.key is not None
    ]
    moved = abs(amount) / max(group.split.before_minor, 1)
    largest = max(group.split.parts.values(), key=abs, default=0)
    return right and amount == largest and moved >= max(others, default=0.0)


def _rows_of(plan: Plan) -> dict[str, Sequence[dict[str, Any]]]:
    dice = Dice(plan.seed)
    chain = made_up_chain(plan, dice)
    causes = plan.causes or ()
    people = People(plan, dice, chain)
    behaviour = Behaviour(plan, dice, people, causes)
    book = OrderBook(plan, dice, people=people, catalogue=Catalogue(), behaviour=behaviour, causes=causes)
    traffic = Traffic(plan, dice, chain, behaviour, causes)
    orders: list[dict[str, Any]] = []
    for block, start in enumerate(range(0, plan.customers, BLOCK)):
        ids = np.arange(start, min(start + BLOCK, plan.customers), dtype=np.int64)
        lives, purchases = behaviour.block(block, ids)
        made, lost = book.of(lives, purchases)
        traffic.count(lives, made, lost)
        orders += [_order(plan, row) for row in made[~lost]]
    for number, order in enumerate(orders, 1):
        order["order_id"] = number
    passers, entries = traffic.footfall()
    footfall = [
        {
            "store_id": store + 1,
            "business_date": plan.from_date + timedelta(days=day),
            "passers_by": int(passers[store, day]),
            "entries": int(entries[store, day]),
        }
        for store in range(passers.shape[0])
        for day in range(passers.shape[1])
    ]
    regions = {store.region: number for number, store in enumerate(chain.stores, 1)}
    return {
        "orders_order": orders,
        "visits_footfall": footfall,
        "orders_shop": [
            {"shop_id": n, "platform": "own" if name == "till" else name} for n, name in enumerate(PLATFORMS, 1)
        ],
        "foundation_store": [
            {"store_id": n, "code": store.code, "name": store.name, "region_id": regions[store.region]}
            for n, store in enumerate(chain.stores, 1)
        ],
    }


def _order(plan: Plan, row: Any) -> dict[str, Any]:
    status = {CANCELLED: 50, REFUNDED: 60, UNPAID: 50}.get(int(row["status"]), 40)
    return {
        "customer_id": int(row["person"]) + 1 if row["person"] >= 0 else None,
        "store_id": int(row["store"]) + 1 if row["store"] >= 0 else None,
        "shop_id": int(row["platform"]) + 1,
        "channel": "",
        "status": status,
        "business_date": plan.from_date + timedelta(days=int(row["second"]) // DAY),
        "currency": "CNY",
        "total_minor": int(row["total"]),
        "refunded_minor": int(row["refunded"]),
    }
