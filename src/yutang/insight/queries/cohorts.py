"""Who came back: customers by the month of their first sale, and the months in which they bought again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yutang.foundation.access import Actor
from yutang.insight.lake_reading import answer, lake_seen, open_engine
from yutang.insight.queries.dashboard import known_horizon, of_channel, stores_within
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer


@dataclass(frozen=True)
class CohortRow:
    """Customers whose first sale lies in one month.

    Attributes:
        month: ``2026-11``.
        size: customers. Count.
        active: customers with a sale in the k-th month after the first, from k = 0 (all of them); None for months that
            have not begun.
        ratios: the same divided by the size.
    """

    month: str
    size: int
    active: tuple[int | None, ...]
    ratios: tuple[float | None, ...]


@dataclass(frozen=True)
class CohortMap:
    """Cohorts, oldest first.

    Attributes:
        rows: one a month with first sales or without; empty without a sale.
        months: length of `active` in each row. Count.
        known_until: last day with a sale: the last month may be half known. None without a sale.
    """

    rows: tuple[CohortRow, ...]
    months: int
    known_until: date | None

    @property
    def is_last_month_whole(self) -> bool:
        """Whether orders are known to the end of the last month."""
        return self.known_until is None or (self.known_until + timedelta(days=1)).day == 1


def cohorts(
    *,
    access: Actor,
    today: date,
    months: int = 12,
    store_ids: Iterable[int] | None = None,
    channel: str | None = None,
) -> CohortMap:
    """Return the last cohorts by month of first sale; kept by lake version.

    Args:
        access: who looks; only sales of stores within reach count, also for what is the first one.
        today: the present business day: sales dated after it do not count.
        months: how many cohorts. Count, >= 1.
        store_ids: only these stores; None: all within reach.
        channel: ``platform/channel``: only sales through it count, also for what is the first one; None: through all.
    """
    access.require("insight.view")
    snapshot = lake_seen()
    stores = stores_within(access, store_ids)
    until = known_horizon(snapshot, today=today).known_until
    if until is None:
        return CohortMap((), months, None)
    last = _month_number(until)
    first = last - months + 1
    kept = kept_answer(
        snapshot,
        name="cohorts.1",
        key={"first": first, "until": until.isoformat(), "stores": stores, **of_channel(channel)},
        compute=lambda: _computed(snapshot, first=first, until=until, stores=stores, channel=channel),
    )
    counts = {(month, offset): customers for month, offset, customers in kept}
    rows = tuple(_row(month, last=last, months=months, counts=counts) for month in range(first, last + 1))
    begun = next((place for place, row in enumerate(rows) if row.size), len(rows))
    return CohortMap(rows[begun:], months, until)


def _computed(
    snapshot: Snapshot, *, first: int, until: date, stores: list[int] | None, channel: str | None
) -> list[list[Any]]:
    params = {"first_month": first, "end_date": until + timedelta(days=1), "stores": stores}
    with open_engine(snapshot, channel=channel) as engine:
        return [list(row.values()) for row in answer(engine, "insight.cohorts", params).to_pylist()]


def _row(month: int, *, last: int, months: int, counts: dict[tuple[int, int], int]) -> CohortRow:
    size = counts.get((month, 0), 0)
    active = tuple(counts.get((month, k), 0) if month + k <= last else None for k in range(months))
    ratios = tuple(None if each is None or not size else each / size for each in active)
    return CohortRow(f"{month // 12:04d}-{month % 12 + 1:02d}", size, active, ratios)


def _month_number(day: date) -> int:
    """Return months counted from the year 0."""
    return day.year * 12 + day.month - 1
