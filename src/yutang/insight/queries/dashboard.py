"""The owner's figures: sales and their factors, each against the period before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import Horizon, answer, horizon, lake_seen, open_engine
from yutang.kit.text import N_
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer


@dataclass(frozen=True)
class Period:
    """Business days ``[start, end)``."""

    start: date
    end: date

    @property
    def last_day(self) -> date:
        """The last day that belongs to the period."""
        return self.end - timedelta(days=1)


@dataclass(frozen=True)
class Figures:
    """Sales of a period and what they are made of; net of refunds, in one currency.

    ``known_sales_minor == buyers x orders_per_buyer x order_value_minor``, exactly, where there is an order of a known
    buyer; ``sales_minor == known_sales_minor + anonymous_sales_minor``.

    Attributes:
        known_sales_minor: net sales to known customers. Minor units.
        anonymous_sales_minor: net sales without a known customer. Minor units.
        buyers: known customers with a sale. Count.
        orders: sales to known customers. Count.
        anonymous_orders: sales without a known customer. Count.
    """

    known_sales_minor: int = 0
    anonymous_sales_minor: int = 0
    buyers: int = 0
    orders: int = 0
    anonymous_orders: int = 0

    @property
    def sales_minor(self) -> int:
        """All net sales. Minor units."""
        return self.known_sales_minor + self.anonymous_sales_minor

    @property
    def orders_per_buyer(self) -> Fraction | None:
        """Orders of known customers by buyers; None without a buyer."""
        return Fraction(self.orders, self.buyers) if self.buyers else None

    @property
    def order_value_minor(self) -> Fraction | None:
        """Net sales to known customers by their orders, minor units; None without an order."""
        return Fraction(self.known_sales_minor, self.orders) if self.orders else None


@dataclass(frozen=True)
class Tile:
    """One figure against the period before.

    Attributes:
        code: ``sales``, ``buyers``, ``orders_per_buyer`` or ``order_value``.
        title: marked with `N_`.
        unit: ``money`` (minor units), ``count`` or ``ratio``.
        value: None where it would divide by zero.
        before: the same in the period before.
        change_ratio: change against the period before, 0.1 is a tenth more; None where that was zero or nothing, or is
            known in part only.
    """

    code: str
    title: str
    unit: Literal["money", "count", "ratio"]
    value: float | int | None
    before: float | int | None
    change_ratio: float | None


@dataclass(frozen=True)
class Day:
    """Net sales of one business day, and of the day at the same place in the period before."""

    day: date
    sales_minor: int
    orders: int
    before_day: date
    before_sales_minor: int


@dataclass(frozen=True)
class Dashboard:
    """The owner's dashboard.

    Attributes:
        period: the days asked for.
        before: as many days right before them.
        currency: the figures count only orders in it.
        other_currencies: in which there are orders too.
        now_figures: of the period.
        before_figures: of the period before.
        tiles: sales, buyers, orders a buyer, order value.
        days: one entry a day of the period, also for days without a sale; they add up to the sales.
        known_since: first day with a sale in the lake; None without a sale.
        known_until: last one.
        lake_written_at: instant of the last swap of the lake (UTC, ISO 8601), empty where it was never written.
    """

    period: Period
    before: Period
    currency: str
    other_currencies: tuple[str, ...]
    now_figures: Figures
    before_figures: Figures
    tiles: tuple[Tile, ...]
    days: tuple[Day, ...]
    known_since: date | None
    known_until: date | None
    lake_written_at: str


def dashboard(
    *,
    access: Actor,
    today: date,
    period_end: date | None = None,
    days: int = 30,
    store_ids: Iterable[int] | None = None,
    currency: str | None = None,
    channel: str | None = None,
) -> Dashboard:
    """Return the dashboard of a period and the period before; kept by lake version, so that the second asking is fast.

    Args:
        access: who looks; stores out of reach are left out.
        today: the present business day: sales dated after it do not count.
        period_end: exclusive end; None: that of the last known day that is over, see `last_day_over`.
        days: length of the period. Days, >= 1.
        store_ids: only these stores; None: all within reach (for the whole chain also what belongs to no store).
        currency: None: the one with the most orders.
        channel: ``platform/channel``: only what was sold through it; None: through all.
    """
    access.require("insight.view")
    if days < 1:
        raise ValueError(f"a period has a day at least, not {days}")
    snapshot = lake_seen()
    stores = stores_within(access, store_ids)
    known = known_horizon(snapshot, today=today)
    end = period_end or (last_day_over(known, today=today) or today) + timedelta(days=1)
    period = Period(end - timedelta(days=days), end)
    before = Period(period.start - timedelta(days=days), period.start)
    money = currency or known.currency
    key = {"end": end.isoformat(), "days": days, "stores": stores, "currency": money, **of_channel(channel)}
    shared = {"end_date": end, "currency": money, "stores": stores}
    kept = kept_answer(
        snapshot,
        name="dashboard.1",
        key=key,
        compute=lambda: _computed(snapshot, before=before, period=period, shared=shared, channel=channel),
    )
    now_figures, before_figures = Figures(**kept["now"]), Figures(**kept["before"])
    return Dashboard(
        period=period,
        before=before,
        currency=money,
        other_currencies=tuple(each for each in (known.currency, *known.other_currencies) if each != money),
        now_figures=now_figures,
        before_figures=before_figures,
        tiles=_tiles(now_figures, before_figures, is_comparable=_reaches(known.known_since, before)),
        days=_days(period, before, kept["days"]),
        known_since=known.known_since,
        known_until=known.known_until,
        lake_written_at=snapshot.written_at,
    )


def last_day_over(known: Horizon, *, today: date) -> date | None:
    """Return the last day with which a period ends that names none; None without a sale.

    A part of a day set against whole days would look like a fall, so the running day is left out until it is over. It stands
    where nothing else is known.
    """
    if known.known_until is None or known.known_since is None:
        return None
    return max(known.known_since, min(known.known_until, today - timedelta(days=1)))


def of_channel(channel: str | None) -> dict[str, str]:
    """Return what a choice of a channel adds to the key of a kept answer: nothing where all are asked about."""
    return {} if channel is None else {"channel": channel}


def stores_within(access: Actor, store_ids: Iterable[int] | None) -> list[int] | None:
    """Return the stores that are asked for and within reach; None: all, and what belongs to no store."""
    if store_ids is None:
        return None if access.store_ids is None else sorted(access.store_ids)
    wanted = set(store_ids)
    return sorted(wanted if access.store_ids is None else wanted & access.store_ids)


def known_horizon(snapshot: Snapshot, *, today: date) -> Horizon:
    """Return how far orders are known, kept by lake version."""
    if "orders_order" not in snapshot.manifests:
        return Horizon(None, None, "CNY", ())
    kept = kept_answer(
        snapshot, name="horizon.1", key={"today": today.isoformat()}, compute=lambda: _computed_horizon(snapshot, today)
    )
    since, until = (date.fromisoformat(each) if each else None for each in (kept["since"], kept["until"]))
    return Horizon(until, since, kept["currency"], tuple(kept["others"]))


def _computed_horizon(snapshot: Snapshot, today: date) -> dict[str, Any]:
    with open_engine(snapshot) as engine:
        known = horizon(engine, today=today)
    return {
        "since": known.known_since.isoformat() if known.known_since else None,
        "until": known.known_until.isoformat() if known.known_until else None,
        "currency": known.currency,
        "others": list(known.other_currencies),
    }


def _computed(
    snapshot: Snapshot, *, before: Period, period: Period, shared: dict[str, Any], channel: str | None
) -> dict[str, Any]:
    """Return the JSON-able figures of both periods and the sales by day."""
    if "orders_order" not in snapshot.manifests:
        return {"now": {}, "before": {}, "days": {}}
    with open_engine(snapshot, channel=channel) as engine:
        figures = answer(
            engine, "insight.period_figures", {**shared, "before_date": before.start, "start_date": period.start}
        ).to_pylist()
        daily = answer(engine, "insight.daily_sales", {**shared, "start_date": before.start}).to_pylist()
    by_period = {row.pop("period"): row for row in figures}
    return {
        "now": by_period.get("now", {}),
        "before": by_period.get("before", {}),
        "days": {row["business_date"].isoformat(): [row["sales_minor"], row["orders"]] for row in daily},
    }


def _days(period: Period, before: Period, kept: dict[str, list[int]]) -> tuple[Day, ...]:
    found = []
    for place in range((period.end - period.start).days):
        day, day_before = period.start + timedelta(days=place), before.start + timedelta(days=place)
        sales, orders = kept.get(day.isoformat(), (0, 0))
        found.append(Day(day, sales, orders, day_before, kept.get(day_before.isoformat(), (0, 0))[0]))
    return tuple(found)


def _reaches(known_since: date | None, before: Period) -> bool:
    """Return whether orders are known from the first day of the period on."""
    return known_since is not None and known_since <= before.start


def _tiles(now: Figures, before: Figures, *, is_comparable: bool) -> tuple[Tile, ...]:
    tiles = (
        _tile("sales", N_("Sales"), "money", now.sales_minor, before.sales_minor),
        _tile("buyers", N_("Buyers"), "count", now.buyers, before.buyers),
        _tile("orders_per_buyer", N_("Orders a buyer"), "ratio", now.orders_per_buyer, before.orders_per_buyer),
        _tile(
            "order_value", N_("Order value of known buyers"), "money", now.order_value_minor, before.order_value_minor
        ),
    )
    return tiles if is_comparable else tuple(replace(tile, change_ratio=None) for tile in tiles)


def _tile(
    code: str,
    title: str,
    unit: Literal["money", "count", "ratio"],
    value: Fraction | int | None,
    before: Fraction | int | None,
) -> Tile:
    change = float(Fraction(value - before) / abs(Fraction(before))) if value is not None and before else None
    return Tile(code, title, unit, _shown(value, unit), _shown(before, unit), change)


def _shown(value: Fraction | int | None, unit: str) -> float | int | None:
    """Return money as whole minor units, half away from zero, and ratios as floats."""
    if value is None or isinstance(value, int):
        return value
    if unit == "money":
        rounded = int(abs(value) + Fraction(1, 2))
        return rounded if value >= 0 else -rounded
    return float(value)
