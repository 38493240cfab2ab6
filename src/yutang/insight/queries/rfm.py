"""Recency and frequency: the grid of cells, how customers moved between them in a month, and who stands in a cell."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from yutang.foundation.access import Actor
from yutang.insight.grading import kept_grades
from yutang.insight.lake_reading import Horizon, answer, lake_seen, open_engine
from yutang.insight.platforms import channel_name
from yutang.insight.queries.dashboard import known_horizon, stores_within
from yutang.insight.queries.groups import group_names
from yutang.insight.rfm import GRADES, CellGroup, RfmRules, cell_group_of, rfm_rules
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.lake.manifest import Snapshot
from yutang.lake.results import kept_answer

#: Month ends that are offered besides the latest day.
_MONTHS = 24


class DayIsNotKnown(DomainError):
    """Grades are asked for as of a day for which no orders are known."""

    code: ClassVar[str] = "day_is_not_known"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Customers cannot be graded as of the end of %(asked)s: orders are known from %(since)s to %(until)s."
    )


class NoSuchCell(DomainError):
    """Grades go from 1 to 5."""

    code: ClassVar[str] = "no_such_cell"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no grade %(asked)s: recency and frequency are graded from 1 to 5.")


@dataclass(frozen=True)
class RfmAsked:
    """What grades are asked about.

    Attributes:
        as_of: sales before this day count (exclusive); None: as far as orders are known.
        store_ids: only customers of these stores; None: all within reach.
        group_key: only who is graded in this group; None: all.
    """

    as_of: date | None = None
    store_ids: Iterable[int] | None = None
    group_key: str | None = None


@dataclass(frozen=True)
class Cell:
    """Customers of one pair of grades.

    Attributes:
        customers: count.
        orders: their sales. Count.
        spend_minor: net of refunds. Minor units.
    """

    r: int
    f: int
    customers: int
    orders: int
    spend_minor: int


@dataclass(frozen=True)
class RfmGrid:
    """The grid of recency by frequency.

    Attributes:
        as_of: sales before this day count (exclusive); None where no orders are known.
        currency: of the spend.
        rules: by which customers are graded.
        cells: all 25, by recency and frequency.
        days: ``{grade of recency: (fewest, most) days since the last sale}`` of its customers; grades without any are missing.
        orders: ``{grade of frequency: (fewest, most) sales}``, likewise.
        groups: groups in which customers are graded, ``{key: customers within reach}``, the largest first; one where
            everybody is graded together.
    """

    as_of: date | None
    currency: str
    rules: RfmRules
    cells: tuple[Cell, ...]
    days: Mapping[int, tuple[int, int]]
    orders: Mapping[int, tuple[int, int]]
    groups: Mapping[str, int]

    @property
    def customers(self) -> int:
        """Customers in all cells. Count."""
        return sum(cell.customers for cell in self.cells)

    def cell(self, *, r: int, f: int) -> Cell:
        """Return one cell; grades from 1 to 5."""
        return self.cells[(r - 1) * len(GRADES) + f - 1]

    def within(self, group: CellGroup) -> int:
        """Return the customers of a group of cells. Count."""
        return sum(cell.customers for cell in self.cells if cell.r in group.rs and cell.f in group.fs)


@dataclass(frozen=True)
class RfmMovement:
    """How customers moved between cells within a month.

    Attributes:
        since: exclusive day of the first grades.
        as_of: exclusive day of the second, a month later.
        moves: ``(recency before, frequency before, recency, frequency, customers)``; 0 and 0 before for who had not bought.
    """

    since: date
    as_of: date
    moves: tuple[tuple[int, int, int, int, int], ...]

    @property
    def net(self) -> dict[tuple[int, int], int]:
        """``{(recency, frequency): customers now less customers before}`` of every cell."""
        found = {(r, f): 0 for r in GRADES for f in GRADES}
        for r_before, f_before, r, f, customers in self.moves:
            found[r, f] += customers
            if r_before:
                found[r_before, f_before] -= customers
        return found

    @property
    def between_groups(self) -> dict[tuple[str, str], int]:
        """``{(code of the group before, code of the group): customers}``; empty before for who had not bought."""
        found: Counter[tuple[str, str]] = Counter()
        for r_before, f_before, r, f, customers in self.moves:
            before = cell_group_of(r=r_before, f=f_before).code if r_before else ""
            found[before, cell_group_of(r=r, f=f).code] += customers
        return dict(found)


@dataclass(frozen=True)
class GradedCustomer:
    """One customer with its grades.

    Attributes:
        recency_days: days since the last sale.
        orders: sales. Count.
        spend_minor: net of refunds. Minor units.
        group_key: the group in which it is graded; empty where that is the whole chain, or the last sale has none.
    """

    customer_id: int
    group_key: str
    recency_days: int
    orders: int
    spend_minor: int
    last_order_date: date
    r: int
    f: int
    m: int


@dataclass(frozen=True)
class GradedPage:
    """One page of the customers of some cells, who spent most first.

    Attributes:
        as_of: sales before this day count (exclusive); None where no orders are known.
        count: over all pages. Count.
        spend_minor: over all pages. Minor units.
        next_key: ask for the next page with it; None on the last.
    """

    as_of: date | None
    currency: str
    customers: tuple[GradedCustomer, ...]
    count: int
    spend_minor: int
    next_key: str | None


def graded_days(*, access: Actor, today: date) -> tuple[date, ...]:
    """Return the days (exclusive) as of which grades are offered: as far as orders are known, then the ends of the months before."""
    access.require("insight.view")
    known = known_horizon(lake_seen(), today=today)
    if known.known_until is None or known.known_since is None:
        return ()
    latest = known.known_until + timedelta(days=1)
    firsts = [latest.replace(day=1)]
    while len(firsts) < _MONTHS:
        firsts.append(month_before(firsts[-1]))
    return (latest, *(day for day in firsts if known.known_since < day < latest))


def rfm_grid(*, access: Actor, today: date, asked: RfmAsked | None = None) -> RfmGrid:
    """Return the grid as of a day; kept by lake version.

    Args:
        access: who looks; only customers of stores within reach count. Grades are those among all customers.
        today: the present business day: sales dated after it do not count.
        asked: as of when, and of whom.

    Raises:
        DayIsNotKnown: no orders are known as of the day.
    """
    scope = _scope(access, today, asked or RfmAsked())
    rows = scope.kept("rfm_grid.1", {}, _computed_grid) if scope.as_of else []
    groups: Counter[str] = Counter()
    for row in rows:
        groups[row["group_key"]] += row["customers"]
    if scope.group_key is not None:
        rows = [row for row in rows if row["group_key"] == scope.group_key]
    return RfmGrid(
        as_of=scope.as_of,
        currency=scope.known.currency,
        rules=scope.rules,
        cells=tuple(_cell(rows, r, f) for r in GRADES for f in GRADES),
        days=_bounds(rows, "r", "days"),
        orders=_bounds(rows, "f", "orders"),
        groups=dict(sorted(groups.items(), key=lambda one: (-one[1], one[0]))),
    )


def rfm_movement(*, access: Actor, today: date, asked: RfmAsked | None = None) -> RfmMovement | None:
    """Return how customers moved within the month up to a day; None where no orders are known a month before it.

    Args:
        access: who looks; only customers of stores within reach count.
        today: the present business day.
        asked: up to when, and of whom. Both grades are told from the sales before their own day, by the present rules.

    Raises:
        DayIsNotKnown: no orders are known as of the day.
    """
    scope = _scope(access, today, asked or RfmAsked())
    if scope.as_of is None or scope.known.known_since is None:
        return None
    since = month_before(scope.as_of)
    if since <= scope.known.known_since:
        return None
    rows = scope.kept("rfm_movement.1", {"group": scope.group_key}, _computed_movement)
    return RfmMovement(since, scope.as_of, tuple((row[0], row[1], row[2], row[3], row[4]) for row in rows))


def rfm_customers(
    *,
    access: Actor,
    today: date,
    rs: Sequence[int],
    fs: Sequence[int],
    asked: RfmAsked | None = None,
    after: str | None = None,
    limit: int = 50,
) -> GradedPage:
    """Return the customers of some cells, who spent most first, page by page by key.

    Args:
        access: who looks; needs to see customers too, and gets only those of stores within reach.
        today: the present business day.
        rs: grades of recency.
        fs: grades of frequency.
        asked: as of when, and of whom.
        after: `next_key` of the page before.
        limit: customers a page. Count.

    Raises:
        NoSuchCell: a grade is not between 1 and 5.
        DayIsNotKnown: no orders are known as of the day.
    """
    access.require("customers.view")
    wrong = [grade for grade in (*rs, *fs) if grade not in GRADES]
    if wrong:
        raise NoSuchCell(asked=wrong[0])
    scope = _scope(access, today, asked or RfmAsked())
    if scope.as_of is None:
        return GradedPage(None, scope.known.currency, (), 0, 0, None)
    after_minor, after_id = _edge(after)
    params: dict[str, Any] = {
        "rs": list(rs),
        "fs": list(fs),
        "stores": scope.stores,
        "group_key": scope.group_key,
        "after_minor": after_minor,
        "after_id": after_id,
        "most": limit + 1,
    }
    with open_engine(scope.snapshot) as engine:
        rows = answer(engine, "insight.rfm_customers", params, {"scored": scope.grades(scope.as_of)}).to_pylist()
    return _page(rows, scope, limit)


def names_of_groups(*, access: Actor, rules: RfmRules, keys: Iterable[str]) -> dict[str, Sentence | str]:
    """Return what the groups in which customers are graded are called, by key.

    Args:
        access: who looks.
        rules: by which they are graded.
        keys: as `RfmGrid.groups` has them.
    """
    if rules.within == "chain":
        return {key: Sentence(N_("The whole chain")) for key in keys}
    if rules.within == "platform":
        return {key: channel_name(key) if key else Sentence(N_("No channel")) for key in keys}
    names = group_names(rules.within, [key or None for key in keys], access=access)
    return {key or "": name for key, name in names.items()}


def month_before(day: date) -> date:
    """Return the same day of the month before, or its last one where it is shorter."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class _Scope:
    """Everything that grades depend on."""

    snapshot: Snapshot
    known: Horizon
    as_of: date | None
    rules: RfmRules
    stores: list[int] | None
    group_key: str | None

    def grades(self, as_of: date) -> Any:
        return kept_grades(self.snapshot, as_of=as_of, currency=self.known.currency, rules=self.rules)

    def kept(self, name: str, more: Mapping[str, Any], compute: Any) -> Any:
        key = {
            "as_of": str(self.as_of),
            "currency": self.known.currency,
            "rules": self.rules.as_json(),
            "stores": self.stores,
            **more,
        }
        return kept_answer(self.snapshot, name=name, key=key, compute=lambda: compute(self))


def _scope(access: Actor, today: date, asked: RfmAsked) -> _Scope:
    access.require("insight.view")
    snapshot = lake_seen()
    known = known_horizon(snapshot, today=today)
    until = known.known_until
    as_of = asked.as_of or (until + timedelta(days=1) if until else None)
    if asked.as_of and not (
        until and known.known_since and known.known_since < asked.as_of <= until + timedelta(days=1)
    ):
        last = asked.as_of - timedelta(days=1)
        raise DayIsNotKnown(asked=str(last), since=str(known.known_since or "—"), until=str(until or "—"))
    stores = stores_within(access, asked.store_ids)
    return _Scope(snapshot, known, as_of if until else None, rfm_rules(), stores, asked.group_key)


def _computed_grid(scope: _Scope) -> list[dict[str, Any]]:
    assert scope.as_of is not None
    with open_engine(scope.snapshot) as engine:
        inputs = {"scored": scope.grades(scope.as_of)}
        rows: list[dict[str, Any]] = answer(engine, "insight.rfm_grid", {"stores": scope.stores}, inputs).to_pylist()
    return rows


def _computed_movement(scope: _Scope) -> list[list[int]]:
    assert scope.as_of is not None
    inputs = {"scored": scope.grades(scope.as_of), "scored_before": scope.grades(month_before(scope.as_of))}
    params = {"stores": scope.stores, "group_key": scope.group_key}
    with open_engine(scope.snapshot) as engine:
        return [list(row.values()) for row in answer(engine, "insight.rfm_movement", params, inputs).to_pylist()]


def _cell(rows: Sequence[Mapping[str, Any]], r: int, f: int) -> Cell:
    mine = [row for row in rows if row["r"] == r and row["f"] == f]
    sums = {name: sum(row[name] for row in mine) for name in ("customers", "orders", "spend_minor")}
    return Cell(r, f, **sums)


def _bounds(rows: Sequence[Mapping[str, Any]], grade: str, what: str) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for row in rows:
        least, most = found.get(row[grade], (row[f"least_{what}"], row[f"most_{what}"]))
        found[row[grade]] = (min(least, row[f"least_{what}"]), max(most, row[f"most_{what}"]))
    return found


def _page(rows: list[dict[str, Any]], scope: _Scope, limit: int) -> GradedPage:
    count, spend = (rows[0]["customers"], rows[0]["all_minor"]) if rows else (0, 0)
    names = GradedCustomer.__dataclass_fields__
    page = tuple(GradedCustomer(**{name: row[name] for name in names}) for row in rows[:limit])
    next_key = f"{page[-1].spend_minor}~{page[-1].customer_id}" if len(rows) > limit else None
    return GradedPage(scope.as_of, scope.known.currency, page, count, spend, next_key)


def _edge(after: str | None) -> tuple[int | None, int | None]:
    """Return the value and the customer behind which the page begins; a key that is none begins at the top."""
    value, _, customer = (after or "").partition("~")
    try:
        return int(value), int(customer)
    except ValueError:
        return None, None
