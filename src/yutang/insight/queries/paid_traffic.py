"""Owned against bought traffic: what advertising cost by channel, for an order, a newcomer, a kept customer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yutang.foundation.access import Actor
from yutang.foundation.queries import organisation_setting
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.insight.organisation import AD_CHANNELS_SETTING
from yutang.insight.platforms import channel_name
from yutang.insight.queries.bought import Buyer, Buyers, edge_of
from yutang.insight.queries.change import require_table
from yutang.insight.queries.dashboard import Period, known_horizon, stores_within
from yutang.kit.text import Sentence
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer

#: A newcomer is kept who orders again within so many days.
KEPT_DAYS = 90


@dataclass(frozen=True)
class ChannelTraffic:
    """What one platform brought, and what was paid for it. Money in minor units.

    Attributes:
        platform: code of the platform; empty for all together.
        name: what it is called.
        new_orders: orders of newcomers of the period. Count. Bought, where there is advertising.
        returning_orders: orders of earlier buyers: the traffic that one owns. Count.
        anonymous_orders: orders of unknown buyers. Count.
        newcomers: customers whose first sale of all is here. Count.
        ripe: newcomers whose `KEPT_DAYS` days are over. Count.
        kept: ripe newcomers with another order day within them. Count.
        cost_minor: advertising of the channels that lead here; None where it cannot be told.
        ripe_cost_minor: the same on the days of ripe newcomers.
    """

    platform: str
    name: Sentence | str
    new_orders: int
    new_minor: int
    returning_orders: int
    returning_minor: int
    anonymous_orders: int
    anonymous_minor: int
    newcomers: int
    ripe: int
    kept: int
    cost_minor: int | None
    ripe_cost_minor: int | None
    #: Of `cost_minor` and `ripe_cost_minor`, what was paid for platforms that hide their buyers: it bought newcomers that
    #: nobody can count.
    hidden_cost_minor: int = 0
    hidden_ripe_cost_minor: int = 0

    @property
    def orders(self) -> int:
        """All orders. Count."""
        return self.new_orders + self.returning_orders + self.anonymous_orders

    @property
    def sales_minor(self) -> int:
        """All sales. Minor units."""
        return self.new_minor + self.returning_minor + self.anonymous_minor

    @property
    def cost_per_order_minor(self) -> int | None:
        """Advertising by all orders, rounded; None without either."""
        return _each(self.cost_minor, self.orders)

    @property
    def cost_per_newcomer_minor(self) -> int | None:
        """Advertising by newcomers, where these can be told, rounded; None without either."""
        return _each(self.cost_minor, self.newcomers, less=self.hidden_cost_minor)

    @property
    def cost_per_kept_minor(self) -> int | None:
        """Advertising on the days of ripe newcomers by those who were kept, rounded; None without either."""
        return _each(self.ripe_cost_minor, self.kept, less=self.hidden_ripe_cost_minor)

    @property
    def owned_ratio(self) -> float | None:
        """Share of the sales to known buyers that earlier ones made, without any advertising. 0-1; None without such sales."""
        known = self.returning_minor + self.new_minor
        return self.returning_minor / known if known > 0 else None


@dataclass(frozen=True)
class TrafficCost:
    """Owned and bought traffic of a period.

    Attributes:
        period: days asked about.
        currency: only sales and cost in it are counted.
        channels: most sales first.
        total: all platforms together; its cost holds also what `unplaced` names.
        unplaced: ``(advertising channel, minor units)`` of cost of which nobody said where its buyers order.
        has_cost: whether any cost is known; never for who sees only some stores, because cost is not told by store.
        ripe_before: newcomers before this day have been watched for `KEPT_DAYS` days; None where none has.
    """

    period: Period
    currency: str
    channels: tuple[ChannelTraffic, ...]
    total: ChannelTraffic
    unplaced: tuple[tuple[str, int], ...]
    has_cost: bool
    ripe_before: date | None


def traffic_cost(
    *,
    access: Actor,
    today: date,
    period: Period,
    store_ids: Iterable[int] | None = None,
    currency: str | None = None,
) -> TrafficCost:
    """Return owned against bought traffic of a period by platform; kept by lake version.

    Args:
        access: who looks; only sales of stores within reach count.
        today: the present business day: sales dated after it do not count.
        period: days asked about.
        store_ids: only these stores; None: all within reach. Cost is told for the whole chain only.
        currency: None: the one with the most orders.

    Raises:
        FiguresAreBehind: the lake lacks a table.
    """
    access.require("insight.view")
    snapshot = lake_seen()
    horizon = known_horizon(snapshot, today=today)
    stores, money = stores_within(access, store_ids), currency or horizon.currency
    known_end = (horizon.known_until or today) + timedelta(days=1)
    ripe_before = min(known_end - timedelta(days=KEPT_DAYS), period.end)
    params = {"start_date": period.start, "end_date": period.end, "currency": money}
    kept = kept_answer(
        snapshot,
        name="traffic_cost.1",
        key={"days": [period.start.isoformat(), period.end.isoformat(), known_end.isoformat()]}
        | {"currency": money, "stores": stores},
        compute=lambda: _computed(snapshot, params, stores=stores, known_end=known_end, ripe_before=ripe_before),
    )
    rows: dict[str, dict[str, Any]] = {row["platform"] or "": row for row in kept["platforms"]}
    costs, unplaced = _placed(kept["costs"], rows) if stores is None else ({}, ())
    channels = [_channel(platform, row, costs.get(platform)) for platform, row in rows.items()]
    channels.sort(key=lambda each: (-each.sales_minor, each.platform))
    has_cost = stores is None and bool(kept["costs"])
    return TrafficCost(
        period,
        money,
        tuple(channels),
        _total(channels, kept["costs"] if has_cost else None),
        unplaced,
        has_cost,
        ripe_before if ripe_before > period.start else None,
    )


def traffic_people(
    *,
    access: Actor,
    today: date,
    period: Period,
    side: str,
    platform: str,
    store_ids: Iterable[int] | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Buyers:
    """Return the known customers behind a number of `traffic_cost`, who spent most first.

    Args:
        access: who looks; needs to see customers too, and gets only those of stores within reach.
        today: the present business day.
        period: days asked about.
        side: ``all`` who ordered, ``earlier`` who had bought before, ``newcomers`` whose first sale of all is here.
        platform: code of the platform; empty: orders of none.
        store_ids: only sales of these stores; None: all within reach.
        after: `next_key` of the page before.
        limit: customers a page. Count.

    Raises:
        FiguresAreBehind: the lake lacks a table.
    """
    access.require("insight.view")
    access.require("customers.view")
    snapshot = lake_seen()
    horizon = known_horizon(snapshot, today=today)
    if "orders_order" not in snapshot.manifests:
        return Buyers((), 0, 0, 0, horizon.currency, None)
    for table in ("orders_shop", "customers_customer"):
        require_table(snapshot, table)
    after_minor, after_id = edge_of(after)
    params: dict[str, Any] = {
        "side": side,
        "platform": platform or None,
        "start_date": period.start,
        "end_date": period.end,
        "known_end": (horizon.known_until or today) + timedelta(days=1),
        "currency": horizon.currency,
        "stores": stores_within(access, store_ids),
        "reach": stores_within(access, None),
        "after_minor": after_minor,
        "after_id": after_id,
        "most": limit + 1,
    }
    with open_engine(snapshot) as engine:
        rows = answer(engine, "insight.traffic_people", params).to_pylist()
    page = tuple(Buyer(row["customer_id"], row["orders"], row["spend_minor"], row["last_date"]) for row in rows[:limit])
    next_key = f"{page[-1].spend_minor}~{page[-1].customer_id}" if len(rows) > limit else None
    first = rows[0] if rows else {"customers": 0, "all_orders": 0, "all_minor": 0}
    return Buyers(page, first["customers"], first["all_orders"], first["all_minor"], horizon.currency, next_key)


def _computed(
    snapshot: Snapshot, params: dict[str, Any], *, stores: list[int] | None, known_end: date, ripe_before: date
) -> dict[str, list[dict[str, Any]]]:
    if "orders_order" not in snapshot.manifests:
        return {"platforms": [], "costs": []}
    require_table(snapshot, "orders_shop")
    more = {"stores": stores, "known_end": known_end, "kept_days": KEPT_DAYS}
    with open_engine(snapshot) as engine:
        platforms = answer(engine, "insight.channel_traffic", params | more).to_pylist()
        costs = answer(engine, "insight.ad_costs", params | {"ripe_before": ripe_before}).to_pylist()
    return {"platforms": platforms, "costs": costs}


def _placed(
    costs: list[dict[str, Any]], rows: dict[str, dict[str, Any]]
) -> tuple[dict[str, tuple[int, int]], tuple[tuple[str, int], ...]]:
    """Return cost by platform, and the channels whose buyers order nobody knows where."""
    leads_to: dict[str, str] = organisation_setting(AD_CHANNELS_SETTING.key)
    placed: dict[str, tuple[int, int]] = {}
    unplaced = []
    for cost in costs:
        platform = leads_to.get(cost["channel"], cost["channel"])
        if platform not in rows:
            unplaced.append((cost["channel"], cost["cost_minor"]))
            continue
        had = placed.get(platform, (0, 0))
        placed[platform] = (had[0] + cost["cost_minor"], had[1] + cost["ripe_cost_minor"])
    return placed, tuple(unplaced)


def _channel(platform: str, row: dict[str, Any], cost: tuple[int, int] | None) -> ChannelTraffic:
    counts = {name: value for name, value in row.items() if name != "platform"}
    paid, ripe = cost or (None, None)
    return ChannelTraffic(
        platform=platform, name=channel_name(platform), **counts, cost_minor=paid, ripe_cost_minor=ripe
    )


def _total(channels: list[ChannelTraffic], costs: list[dict[str, Any]] | None) -> ChannelTraffic:
    names = ("new_orders", "new_minor", "returning_orders", "returning_minor", "anonymous_orders", "anonymous_minor")
    sums = {name: sum(getattr(each, name) for each in channels) for name in (*names, "newcomers", "ripe", "kept")}
    paid = None if costs is None else sum(each["cost_minor"] for each in costs)
    ripe = None if costs is None else sum(each["ripe_cost_minor"] for each in costs)
    hiding = [each for each in channels if each.orders and each.orders == each.anonymous_orders]
    return ChannelTraffic(
        platform="",
        name="",
        **sums,
        cost_minor=paid,
        ripe_cost_minor=ripe,
        hidden_cost_minor=sum(each.cost_minor or 0 for each in hiding),
        hidden_ripe_cost_minor=sum(each.ripe_cost_minor or 0 for each in hiding),
    )


def _each(cost_minor: int | None, count: int, *, less: int = 0) -> int | None:
    return (cost_minor - less + count // 2) // count if cost_minor is not None and count else None
