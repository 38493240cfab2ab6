"""How value is spread over the customers, and whose value moved the most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.insight.queries.bought import Buyer, Buyers
from yutang.insight.queries.dashboard import stores_within
from yutang.insight.queries.value import latest_value_run
from yutang.kit.money import decimals_of
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer

_TABLE = "insight_customer_value"
#: Lower ends of the bands. Whole units of the currency.
_ENDLESS = 2**62
#: Digits of the longest place in a list.
_DIGITS = 12
_EDGES = (0, 10, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


@dataclass(frozen=True)
class Band:
    """Customers whose value lies from `from_minor` to below the next band's; minor units."""

    from_minor: int
    customers: int
    value_minor: int


@dataclass(frozen=True)
class ValueSpread:
    """How value is spread.

    Attributes:
        customers: with a value, within reach. Count.
        value_minor: of all of them, coming 365 days. Minor units.
        curve: share of the value that the most valuable 0, 1, 2 ... 100 hundredths bring together; empty without value.
        bands: from the lowest; bands without anybody have 0.
    """

    customers: int
    value_minor: int
    curve: tuple[float, ...]
    bands: tuple[Band, ...]

    def share_of_top(self, hundredths: int) -> float | None:
        """Return what share of the value the most valuable bring; None without value."""
        return self.curve[hundredths] if self.curve else None


@dataclass(frozen=True)
class Fifth:
    """A fifth of the customers, by value.

    Attributes:
        fifth: 0 is the most valuable.
        customers: how many they are. Count.
        value_minor: of all of them, coming 365 days. Minor units.
        lowest_minor: of the least valuable among them. Minor units.
        orders: expected in 365 days, a customer.
        order_minor: mean of what an order of each is expected to be worth. Minor units.
        p_alive: mean chance to be a customer still. 0-1.
        order_days: days with a sale so far, a customer.
        in_danger: how many stand at risk or asleep. Count.
    """

    fifth: int
    customers: int
    value_minor: int
    lowest_minor: int
    orders: float
    order_minor: float
    p_alive: float
    order_days: float
    in_danger: int


@dataclass(frozen=True)
class Mover:
    """A customer whose value rose or fell, against 30 days before. Minor units."""

    customer_id: int
    p_alive: float
    value_minor: int
    before_minor: int
    change_minor: int


def value_spread(*, access: Actor, store_ids: Iterable[int] | None = None) -> ValueSpread | None:
    """Return how value is spread over customers within reach, kept by lake version; None where there are no values."""
    access.require("insight.view")
    run, snapshot = latest_value_run(), lake_seen()
    if run is None or _TABLE not in snapshot.manifests:
        return None
    stores = stores_within(access, store_ids)
    edges = [edge * 10 ** decimals_of(run.currency) for edge in _EDGES]
    kept = kept_answer(
        snapshot,
        name="value_spread.1",
        key={"stores": stores, "edges": edges},
        compute=lambda: _spread(snapshot, stores, edges),
    )
    parts, bands = kept["parts"], {place: (customers, value) for place, customers, value in kept["bands"]}
    whole = sum(value for _, _, value in parts)
    return ValueSpread(
        customers=sum(customers for _, customers, _ in parts),
        value_minor=whole,
        curve=_curve(parts, whole),
        bands=tuple(Band(edge, *bands.get(place, (0, 0))) for place, edge in enumerate(edges)),
    )


def value_fifths(*, access: Actor, store_ids: Iterable[int] | None = None) -> tuple[Fifth, ...]:
    """Return who the customers within reach are by fifths of value, the best first; kept by lake version."""
    access.require("insight.view")
    snapshot = lake_seen()
    if latest_value_run() is None or _TABLE not in snapshot.manifests:
        return ()
    params = {"stores": stores_within(access, store_ids)}
    kept = kept_answer(
        snapshot, name="value_fifths.1", key=params, compute=lambda: _rows(snapshot, "insight.value_fifths", params)
    )
    return tuple(Fifth(*row) for row in kept)


def value_fifth_people(
    *,
    access: Actor,
    fifth: int,
    in_danger: bool = False,
    store_ids: Iterable[int] | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Buyers:
    """Return the customers of a fifth of `value_fifths`, the most valuable first.

    Args:
        access: who looks; needs to see customers too.
        fifth: 0 is the most valuable.
        in_danger: only who stands at risk or asleep.
        store_ids: only customers of these stores; None: all within reach.
        after: `next_key` of the page before.
        limit: customers a page. Count.

    Returns:
        `Buyer.spend_minor` and `Buyers.spend_minor` are values of the coming 365 days here, `Buyer.orders` those so far.
    """
    access.require("insight.view")
    access.require("customers.view")
    snapshot, run = lake_seen(), latest_value_run()
    if run is None or not {_TABLE, "insight_score"} <= set(snapshot.manifests):
        return Buyers((), 0, None, 0, run.currency if run else "", None)
    place = int(after) if after and after.isascii() and after.isdecimal() and len(after) <= _DIGITS else 0
    params = {"fifth": fifth, "in_danger": in_danger, "stores": stores_within(access, store_ids)}
    with open_engine(snapshot) as engine:
        rows = answer(
            engine, "insight.value_fifth_people", params | {"after_place": place, "most": limit + 1}
        ).to_pylist()
    page = tuple(
        Buyer(row["customer_id"], row["orders"] or 0, row["value_minor"], row["last_order_date"])
        for row in rows[:limit]
    )
    next_key = str(rows[limit - 1]["place"]) if len(rows) > limit else None
    first = rows[0] if rows else {"customers": 0, "all_minor": 0}
    return Buyers(page, first["customers"], None, first["all_minor"], run.currency, next_key)


def value_movers(*, access: Actor, store_ids: Iterable[int] | None = None, per_side: int = 8) -> tuple[Mover, ...]:
    """Return customers whose value rose the most, then those whose value fell the most, by change; kept by lake version."""
    access.require("insight.view")
    snapshot = lake_seen()
    if latest_value_run() is None or _TABLE not in snapshot.manifests:
        return ()
    params = {"stores": stores_within(access, store_ids), "per_side": per_side}
    kept = kept_answer(
        snapshot, name="value_movers.1", key=params, compute=lambda: _rows(snapshot, "insight.value_movers", params)
    )
    return tuple(Mover(*row) for row in kept)


def _spread(snapshot: Snapshot, stores: list[int] | None, edges: list[int]) -> dict[str, Any]:
    ends = [*edges[1:], _ENDLESS]
    edge = pa.table({"band": pa.array(range(len(edges)), pa.int32()), "from_minor": edges, "to_minor": ends})
    parts = _rows(snapshot, "insight.value_spread", {"stores": stores})
    return {
        "parts": [row[:3] for row in parts],
        "bands": _rows(snapshot, "insight.value_bands", {"stores": stores}, {"edge": edge}),
    }


def _rows(
    snapshot: Snapshot, name: str, params: dict[str, Any], inputs: dict[str, pa.Table] | None = None
) -> list[list[Any]]:
    with open_engine(snapshot) as engine:
        return [list(row.values()) for row in answer(engine, name, params, inputs).to_pylist()]


def _curve(parts: list[list[int]], whole: int) -> tuple[float, ...]:
    """Return the running share after each hundredth; hundredths without anybody repeat the one before."""
    if not whole:
        return ()
    by_place = {place: value for place, _, value in parts}
    running, curve = 0, [0.0]
    for place in range(100):
        running += by_place.get(place, 0)
        curve.append(running / whole)
    return tuple(curve)
