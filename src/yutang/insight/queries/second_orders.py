"""Who comes back: customers by their first order, the spans in which they bought again, and the time to the second order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.insight.methods.survival import SurvivalStep, day_reached, share_reached, survival_steps
from yutang.insight.queries.change import UnknownBreakdown, require_table
from yutang.insight.queries.dashboard import known_horizon, stores_within
from yutang.insight.queries.groups import group_names
from yutang.kit.text import Sentence
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer

FirstBy = Literal["month", "store", "channel", "product"]
FIRST_BY: tuple[FirstBy, ...] = ("month", "store", "channel", "product")
#: Length of a span after the first order. Days.
SPAN_DAYS = 30
#: Groups that are shown: the largest.
_MOST_GROUPS = 24
#: Below so many customers a share is not told.
LEAST_CUSTOMERS = 20


@dataclass(frozen=True)
class CohortGroup:
    """Customers with the same beginning.

    Attributes:
        key: month, key of the store, ``platform/channel``, name of the product; None for who has none.
        name: what the group is called.
        customers: how many. Count.
        ratios: share of those watched for a whole k-th span who bought in it, from k = 1. 0-1; None where fewer than
            `LEAST_CUSTOMERS` have been watched for it.
        came_back: customers with a second order day. Count.
        median_days: day by which half have a second order day, with those still open counted as long as they were
            watched; None where half was not reached.
        within_90: share with a second order day within 90 days, likewise. 0-1; None below `LEAST_CUSTOMERS`.
    """

    key: str | None
    name: Sentence | str
    customers: int
    ratios: tuple[float | None, ...]
    came_back: int
    median_days: int | None
    within_90: float | None


@dataclass(frozen=True)
class ComingBack:
    """Who comes back.

    Attributes:
        by: what groups share.
        groups: months latest first, others largest first; at most 24 of them.
        spans: length of `ratios`. Count.
        steps: Kaplan-Meier estimate of the time to the second order day over everybody.
        customers: everybody who came since `since`. Count.
        came_back: of them, with a second order day. Count.
        median_days: as in the groups, over everybody.
        since: only customers who came from this day on.
        known_until: last day with a sale; None without one.
    """

    by: FirstBy
    groups: tuple[CohortGroup, ...]
    spans: int
    steps: tuple[SurvivalStep, ...]
    customers: int
    came_back: int
    median_days: int | None
    since: date
    known_until: date | None

    def share_within(self, days: int) -> float | None:
        """Return the share of everybody with a second order day within so many days; None below `LEAST_CUSTOMERS`."""
        return share_reached(self.steps, day=days) if self.customers >= LEAST_CUSTOMERS else None


def coming_back(
    *,
    access: Actor,
    today: date,
    by: FirstBy = "month",
    months: int = 12,
    store_ids: Iterable[int] | None = None,
) -> ComingBack:
    """Return who comes back, by what the first orders share; kept by lake version.

    Args:
        access: who looks; only sales of stores within reach count, also for what is the first one.
        today: the present business day: sales dated after it do not count.
        by: month, store, channel or (dearest) product of the first order.
        months: only customers who came in so many calendar months up to the last known day. Count, >= 1.
        store_ids: only these stores; None: all within reach.

    Raises:
        UnknownBreakdown: there is no such breakdown.
        FiguresAreBehind: the lake lacks a table.
    """
    access.require("insight.view")
    if by not in FIRST_BY:
        raise UnknownBreakdown(asked=by, known=", ".join(FIRST_BY))
    snapshot = lake_seen()
    until = known_horizon(snapshot, today=today).known_until
    since = _months_before(until or today, months - 1)
    if until is None:
        return ComingBack(by, (), months, (), 0, 0, None, since, None)
    params = {"since_date": since, "end_date": until + timedelta(days=1), "stores": stores_within(access, store_ids)}
    kept = kept_answer(
        snapshot,
        name="coming_back.1",
        key={**params, "since_date": since.isoformat(), "end_date": until.isoformat(), "by": by},
        compute=lambda: _computed(snapshot, params, by),
    )
    everybody = _waits(kept["everybody"]).get(None, ())
    steps = _steps(everybody)
    groups = _groups(by, kept, spans=months, access=access)
    return ComingBack(
        by=by,
        groups=groups,
        spans=months,
        steps=steps,
        customers=sum(happened + still_open for _, happened, still_open in everybody),
        came_back=sum(happened for _, happened, _ in everybody),
        median_days=day_reached(steps, share=0.5),
        since=since,
        known_until=until,
    )


def _computed(snapshot: Snapshot, params: dict[str, Any], by: str) -> dict[str, list[list[Any]]]:
    for table in ("orders_shop", "orders_line", "orders_product"):
        require_table(snapshot, table)
    asked = {**params, "grouping": by, "most": _MOST_GROUPS}
    with open_engine(snapshot) as engine:
        answers = {
            "returns": answer(engine, "insight.cohort_returns", asked),
            "waits": answer(engine, "insight.second_orders", asked),
            "everybody": answer(engine, "insight.second_orders", {**asked, "grouping": "all"}),
        }
    return {name: [list(row.values()) for row in rows.to_pylist()] for name, rows in answers.items()}


def _groups(by: str, kept: Mapping[str, Any], *, spans: int, access: Actor) -> tuple[CohortGroup, ...]:
    watched: dict[str | None, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    active: dict[str | None, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for key, counted, span, customers in kept["returns"]:
        (watched if counted == "watched" else active)[key][span] = customers
    waits = _waits(kept["waits"])
    names = group_names(by, waits, access=access) if by != "month" else {key: key or "" for key in waits}
    groups = [
        _group(key, names[key], rows, _ratios(watched[key], active[key], spans=spans)) for key, rows in waits.items()
    ]
    if by == "month":
        return tuple(sorted(groups, key=lambda group: group.key or "", reverse=True))
    return tuple(sorted(groups, key=lambda group: (-group.customers, group.key or "")))


_Waits = Sequence[tuple[int, int, int]]


def _waits(rows: list[list[Any]]) -> dict[str | None, list[tuple[int, int, int]]]:
    """Return (days, happened, still open) by group, days rising."""
    found: dict[str | None, list[tuple[int, int, int]]] = defaultdict(list)
    for key, days, happened, still_open in rows:
        found[key].append((days, happened, still_open))
    return found


def _steps(rows: _Waits) -> tuple[SurvivalStep, ...]:
    return survival_steps(
        days=[row[0] for row in rows], events=[row[1] for row in rows], censored=[row[2] for row in rows]
    )


def _group(key: str | None, name: Sentence | str, rows: _Waits, ratios: tuple[float | None, ...]) -> CohortGroup:
    steps = _steps(rows)
    customers = sum(happened + still_open for _, happened, still_open in rows)
    enough = customers >= LEAST_CUSTOMERS
    return CohortGroup(
        key=key,
        name=name,
        customers=customers,
        ratios=ratios,
        came_back=sum(happened for _, happened, _ in rows),
        median_days=day_reached(steps, share=0.5) if enough else None,
        within_90=share_reached(steps, day=90) if enough and rows[-1][0] >= 90 else None,
    )


def _ratios(watched: Mapping[int, int], active: Mapping[int, int], *, spans: int) -> tuple[float | None, ...]:
    found: list[float | None] = []
    for span in range(1, spans + 1):
        seen = sum(customers for last, customers in watched.items() if last >= span)
        found.append(active.get(span, 0) / seen if seen >= LEAST_CUSTOMERS else None)
    return tuple(found)


def _months_before(day: date, months: int) -> date:
    """Return the first day of the month so many months earlier."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
