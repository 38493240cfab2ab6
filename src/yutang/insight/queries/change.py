"""Why sales moved between two periods: the exact split by group, in words, and the customers behind a part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.insight.methods.causes import FORMULAS, PARTS, Cause, Formula, Split, Tally, explained, split_of
from yutang.insight.methods.decomposition import METHODS, Method
from yutang.insight.queries.dashboard import Period, known_horizon, of_channel, stores_within
from yutang.insight.queries.groups import GROUPINGS, Grouping, group_names
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer


class PeriodsCannotBeCompared(DomainError):
    """A period ends before it begins, or both share days."""

    code: ClassVar[str] = "periods_cannot_be_compared"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "%(now)s and %(before)s cannot be compared: each period needs a day at least, and they must not share one."
    )


class PeriodIsAhead(DomainError):
    """A period has not begun yet."""

    code: ClassVar[str] = "period_is_ahead"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("The days from %(start)s on have not come yet; today is %(today)s.")


class UnknownBreakdown(DomainError):
    """There is no such breakdown, formula, method or part."""

    code: ClassVar[str] = "unknown_breakdown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no %(asked)s here; there are: %(known)s.")


class FiguresAreBehind(DomainError):
    """The lake was written by an older version and lacks a table; the next sync writes it."""

    code: ClassVar[str] = "figures_are_behind"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The lake lacks the table %(table)s. Bring it up to date first: yutang lake sync, or wait for the next refresh."
    )


@dataclass(frozen=True)
class GroupChange:
    """The change of one group.

    Attributes:
        key: as the lake has it; None for what belongs to no group.
        name: what the group is called.
        split: the exact split of its difference.
    """

    key: str | None
    name: Sentence | str
    split: Split

    @property
    def difference_minor(self) -> int:
        """Sales now less sales before. Minor units."""
        return self.split.now_minor - self.split.before_minor


@dataclass(frozen=True)
class SalesChange:
    """Sales of two periods and why they differ.

    Attributes:
        now: the days asked about.
        before: the days they are compared with.
        currency: only sales in it are counted.
        by: breakdown.
        formula: factors asked for.
        method: how what factors do together is shared.
        groups: largest difference first; their differences add up to `difference_minor`.
        parts: ``{code: minor units}`` over all groups, in the order of `PARTS`; they add up to `difference_minor`.
        rungs: what the factors were made of over all groups; a buyer in two groups counts in each.
        has_traffic: whether footfall explains a part of the sales.
        known_until: last day with a sale; None without one.
    """

    now: Period
    before: Period
    currency: str
    by: Grouping
    formula: Formula
    method: Method
    groups: tuple[GroupChange, ...]
    parts: Mapping[str, int]
    rungs: Mapping[str, tuple[int, int]]
    has_traffic: bool
    known_until: date | None

    @property
    def before_minor(self) -> int:
        """Sales before. Minor units."""
        return sum(group.split.before_minor for group in self.groups)

    @property
    def now_minor(self) -> int:
        """Sales now. Minor units."""
        return sum(group.split.now_minor for group in self.groups)

    @property
    def difference_minor(self) -> int:
        """Sales now less sales before. Minor units."""
        return self.now_minor - self.before_minor

    @property
    def causes(self) -> Sentence:
        """The change and its largest causes in plain words."""
        if not self.groups:
            return Sentence(
                N_("No sale in %(currency)s is known in either of the two periods."), {"currency": self.currency}
            )
        # Of one group alone, such as a channel that has no stores, every cause would name the same.
        whole = self.by == "all" or len(self.groups) == 1
        causes = [
            Cause(part, amount, None if whole else group.name)
            for group in self.groups
            for part, amount in group.split.parts.items()
        ]
        return explained(difference_minor=self.difference_minor, causes=causes, currency=self.currency)


@dataclass(frozen=True)
class Comparison:
    """What is compared, and how it is broken down.

    Attributes:
        now: the days asked about.
        before: the days to compare with; None: as many right before.
        by: breakdown; the split is made in each group and added up.
        formula: factors. ``traffic`` uses footfall where nine in ten days with sales of a store have it in both periods
            (not by staff, product or category, which footfall does not know); other sales go by buyers.
        store_ids: only these stores; None: all within reach.
        currency: None: the one with the most orders.
        channel: ``platform/channel``: only what was sold through it, and who is new is new to it; footfall, which knows no
            channels, then explains nothing. None: through all.
    """

    now: Period
    before: Period | None = None
    by: Grouping = "all"
    formula: Formula = "traffic"
    store_ids: Iterable[int] | None = None
    currency: str | None = None
    channel: str | None = None


def sales_change(*, access: Actor, today: date, asked: Comparison, method: Method = "shapley") -> SalesChange:
    """Return why sales moved from one period to another; kept by lake version.

    Args:
        access: who looks; only sales of stores within reach count.
        today: the present business day: sales dated after it do not count.
        asked: what is compared.
        method: how what factors do together is shared.

    Raises:
        PeriodsCannotBeCompared: a period is empty, or they share days.
        PeriodIsAhead: a period has not begun yet.
        UnknownBreakdown: there is no such breakdown, formula or method.
        FiguresAreBehind: the lake lacks a table.
    """
    if method not in METHODS:
        raise UnknownBreakdown(asked=method, known=", ".join(METHODS))
    scope = scope_of(access=access, today=today, asked=asked)
    kept = kept_answer(
        scope.snapshot,
        name="sales_change.1",
        key={**scope.key, "method": method},
        compute=lambda: _computed(scope, method),
    )
    names = group_names(scope.by, (each["key"] for each in kept), access=access)
    groups = [GroupChange(each["key"], names[each["key"]], Split(**each["split"])) for each in kept]
    groups.sort(key=lambda group: (-abs(group.difference_minor), group.key or ""))
    return SalesChange(
        now=scope.now,
        before=scope.before,
        currency=scope.currency,
        by=scope.by,
        formula=scope.formula,
        method=method,
        groups=tuple(groups),
        parts={code: amount for code in PARTS if (amount := _sum(groups, code))},
        rungs=_rungs(groups),
        has_traffic=any("entries" in group.split.rungs for group in groups),
        known_until=scope.known_until,
    )


def period_before(now: Period) -> Period:
    """Return as many days right before a period."""
    return Period(now.start - (now.end - now.start), now.start)


def period_a_year_before(now: Period) -> Period:
    """Return the same days a year, that is 52 weeks, earlier, so that weekdays fall on weekdays.

    Periods that are longer, and would overlap, are compared with as many days right before.
    """
    year = max(timedelta(weeks=52), now.end - now.start)
    return Period(now.start - year, now.end - year)


#: Breakdowns that share an order over its lines.
BY_LINE = frozenset({"product", "category"})


@dataclass(frozen=True)
class Scope:
    """Everything that the figures depend on."""

    snapshot: Snapshot
    known_until: date | None
    now: Period
    before: Period
    by: Grouping
    formula: Formula
    currency: str
    stores: list[int] | None
    channel: str | None = None

    @property
    def with_footfall(self) -> bool:
        """Whether footfall explains what it can."""
        return self.formula == "traffic" and self.channel is None and self.by not in {"staff", *BY_LINE}

    @property
    def key(self) -> dict[str, Any]:
        """All of it, JSON-able, for keeping an answer."""
        days = (self.before.start, self.before.end, self.now.start, self.now.end)
        return {"days": [day.isoformat() for day in days], "by": self.by, "formula": self.formula} | {
            "currency": self.currency,
            "stores": self.stores,
            **of_channel(self.channel),
        }

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that every query of a change takes."""
        return {
            "before_start": self.before.start,
            "before_end": self.before.end,
            "now_start": self.now.start,
            "now_end": self.now.end,
            "currency": self.currency,
            "stores": self.stores,
        }


def scope_of(*, access: Actor, today: date, asked: Comparison) -> Scope:
    """Return what is asked about, judged, over the lake as it is now.

    Raises:
        PeriodsCannotBeCompared: a period is empty, or they share days.
        UnknownBreakdown: there is no such breakdown or formula.
    """
    access.require("insight.view")
    now, before = _asked_periods(asked.now, asked.before, today=today)
    for word, known in ((asked.by, GROUPINGS), (asked.formula, FORMULAS)):
        if word not in known:
            raise UnknownBreakdown(asked=word, known=", ".join(known))
    snapshot = lake_seen()
    horizon = known_horizon(snapshot, today=today)
    money, stores = asked.currency or horizon.currency, stores_within(access, asked.store_ids)
    return Scope(snapshot, horizon.known_until, now, before, asked.by, asked.formula, money, stores, asked.channel)


def _asked_periods(now: Period, before: Period | None, *, today: date) -> tuple[Period, Period]:
    """Return both periods without days that have not come yet."""
    compared = before or period_before(now)
    tomorrow = today + timedelta(days=1)
    for each in (now, compared):
        if tomorrow <= each.start < each.end:
            raise PeriodIsAhead(start=each.start.isoformat(), today=today.isoformat())
    clipped = [Period(each.start, min(each.end, tomorrow)) for each in (now, compared)]
    apart = clipped[0].start >= clipped[1].end or clipped[1].start >= clipped[0].end
    if not apart or any(each.start >= each.end for each in clipped):
        raise PeriodsCannotBeCompared(
            now=f"{now.start.isoformat()}/{now.end.isoformat()}",
            before=f"{compared.start.isoformat()}/{compared.end.isoformat()}",
        )
    return clipped[0], clipped[1]


def _computed(scope: Scope, method: Method) -> list[dict[str, Any]]:
    if "orders_order" not in scope.snapshot.manifests:
        return []
    require_tables(scope)
    with open_engine(scope.snapshot, channel=scope.channel) as engine:
        if scope.by in BY_LINE:
            params = scope.params | {"grouping": scope.by}
            rows = answer(engine, "insight.period_products", params).to_pylist()
        else:
            more = {"grouping": scope.by, "with_footfall": scope.with_footfall}
            rows = answer(engine, "insight.period_groups", scope.params | more).to_pylist()
    return [
        {
            "key": key,
            "split": asdict(split_of(tallies, formula=scope.formula, method=method, may_be_born=scope.by != "all")),
        }
        for key, tallies in _tallied(rows)
    ]


def require_table(snapshot: Snapshot, table: str, column: str | None = None) -> None:
    """Raise `FiguresAreBehind` where the lake lacks a table, or was written when the table had no such column."""
    if table not in snapshot.manifests or (column and column not in snapshot.manifests[table].columns):
        raise FiguresAreBehind(table=table)


def require_tables(scope: Scope) -> None:
    """Raise `FiguresAreBehind` where the lake lacks what a change is told from."""
    require_table(scope.snapshot, "orders_shop")
    if scope.by in BY_LINE:
        require_table(scope.snapshot, "orders_product", "category")


def _tallied(rows: list[dict[str, Any]]) -> Iterator[tuple[str | None, dict[str, tuple[Tally, Tally]]]]:
    """Yield sales by kind of each group from rows of one period, group and kind each."""
    found: dict[str | None, dict[str, dict[str, Tally]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        period, key, kind = row.pop("period"), row.pop("group_key"), row.pop("kind")
        found[key][kind][period] = Tally(**row)
    for key, kinds in found.items():
        yield (
            key,
            {kind: (each.get("before", Tally()), each.get("now", Tally())) for kind, each in kinds.items()},
        )


def _sum(groups: Iterable[GroupChange], code: str) -> int:
    return sum(group.split.parts.get(code, 0) for group in groups)


def _rungs(groups: Iterable[GroupChange]) -> dict[str, tuple[int, int]]:
    totals: dict[str, tuple[int, int]] = {}
    for group in groups:
        for name, (first, last) in group.split.rungs.items():
            had = totals.get(name, (0, 0))
            totals[name] = (had[0] + first, had[1] + last)
    return totals
