"""A rule as one query over the lake: an SQLGlot tree over declared sources, every value bound, in DuckDB's dialect.

Each happening that a rule asks about is read once, whatever number of conditions ask about it: one row a person with one
number a condition. Conditions never come out unknown: what is not known of a person is not at least, not in, not before
anything, and the opposite of that holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from yutang.lake.catalogue import catalogue_of
from yutang.lake.fields import Field, Happening
from yutang.segments.rules.tree import All, AnyOf, Compared, Happened, InSegment, Node, Not, Value, When

#: The query whose rows are all people.
EVERYBODY = "customers.person_facts"
_PERSON = "person"
_CUSTOMER = "customer_id"


@dataclass(frozen=True)
class Standpoint:
    """From where a rule looks.

    Attributes:
        day: the first day that is not known yet: what happened before it counts, and days are counted back from it.
        currency: in which amounts are summed.
        store_ids: only people of these stores; None: everybody.
    """

    day: date
    currency: str
    store_ids: frozenset[int] | None = None


@dataclass(frozen=True)
class CompiledRule:
    """A query and the values of its places.

    Attributes:
        tree: the query.
        params: ``{place: value}``.
    """

    tree: exp.Select
    params: dict[str, Any]

    def sql(self, *, pretty: bool = False) -> str:
        """Return the query's text, in DuckDB's dialect."""
        return self.tree.sql(dialect="duckdb", pretty=pretty)


def people_query(rule: Node, standpoint: Standpoint) -> CompiledRule:
    """Return the query for the keys of the people of whom the rule holds, one column ``customer_id``.

    Args:
        rule: without references to other segments.
        standpoint: from where it looks.
    """
    return _Compiler(standpoint).query(rule, [_column(_PERSON, _CUSTOMER)])


def count_query(rule: Node, standpoint: Standpoint) -> CompiledRule:
    """Return the query for how many people the rule holds of, one column ``people``."""
    return _Compiler(standpoint).query(rule, [exp.alias_(exp.Count(this=exp.Star()), "people")])


@dataclass
class _Tally:
    """One pass over a happening, or over values that people carry: one number a person and condition."""

    alias: str
    source: str
    anchor: Field | None
    numbers: list[exp.Expr] = field(default_factory=list)
    lowest: list[date | None] = field(default_factory=list)
    day: str = ""


class _Compiler:
    def __init__(self, standpoint: Standpoint) -> None:
        self._standpoint = standpoint
        self._params: dict[str, Any] = {}
        self._places: dict[Any, str] = {}
        self._tallies: dict[tuple[str, str], _Tally] = {}
        self._facts: dict[str, str] = {EVERYBODY: _PERSON}

    def query(self, rule: Node, columns: list[exp.Expr]) -> CompiledRule:
        # The tree is this query's own, so that nothing of it needs to be copied as it grows.
        condition = self._node(rule)
        select = exp.select(*columns).from_(_source(EVERYBODY, _PERSON), copy=False)
        for name, alias in self._facts.items():
            if name != EVERYBODY:
                select = select.join(
                    _source(name, alias), on=_same_person(alias, _PERSON), join_type="left", copy=False
                )
        for tally in self._tallies.values():
            joined = exp.to_table(tally.alias)
            select = select.join(joined, on=_same_person(tally.alias, _PERSON), join_type="left", copy=False)
        select = select.where(condition, copy=False)
        if self._standpoint.store_ids is not None:
            within = self._within(_column(_PERSON, "store_id"), sorted(self._standpoint.store_ids))
            select = select.where(within, copy=False)
        for tally in self._tallies.values():
            select = select.with_(tally.alias, as_=self._pass_over(tally), copy=False)
        return CompiledRule(select, self._params)

    # Nodes.

    def _node(self, node: Node) -> exp.Expr:
        if isinstance(node, All):
            return exp.and_(*(self._node(part) for part in node.parts))
        if isinstance(node, AnyOf):
            return exp.or_(*(self._node(part) for part in node.parts))
        if isinstance(node, Not):
            return exp.not_(self._node(node.part))
        if isinstance(node, InSegment):
            raise ValueError(f"the rule of segment {node.segment_id} was not put in its place")
        if isinstance(node, Happened):
            return self._happened(node)
        return self._members(node) if node.fact.kind == "members" else self._fact(node)

    def _fact(self, test: Compared) -> exp.Expr:
        alias = self._facts.setdefault(test.fact.source, f"facts_{len(self._facts)}")
        return self._compared(_column(alias, test.fact.column), test)

    def _members(self, test: Compared) -> exp.Expr:
        tally = self._tally(test.fact.source, None)
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        number = self._number(tally, self._within(_column("each", test.fact.column), values), None)
        wanted = len(values) if test.comparison == "all_of" else 1
        carries = _known_and(number, exp.GTE(this=number.copy(), expression=self._bind(wanted)))
        return exp.not_(carries) if test.comparison == "not_in" else carries

    def _happened(self, test: Happened) -> exp.Expr:
        tally = self._tally(test.what.source, test.when.anchor)
        tally.day = test.what.day
        when = self._when(test.what, test.when, tally)
        counted = [*([] if when is None else [when]), *(self._property(one) for one in test.where)]
        condition = exp.and_(*counted) if counted else None
        number = self._number(tally, condition, self._measure(test), lowest=self._lowest(test.when))
        if test.comparison == "did_not":
            return exp.not_(self._at_least_one(number))
        if test.comparison == "did":
            return self._at_least_one(number)
        return self._measured(number, test)

    def _at_least_one(self, number: exp.Expr) -> exp.Expr:
        return _known_and(number, exp.GTE(this=number.copy(), expression=self._bind(1)))

    def _measured(self, number: exp.Expr, test: Happened) -> exp.Expr:
        """Return the comparison of a measure; who did nothing has 0, and where 0 cannot fit no row need be made of it."""
        low = test.value[0] if isinstance(test.value, tuple) else test.value
        fits_nobody = test.comparison in {"at_least", "equals", "between"} and isinstance(low, int) and low > 0
        counted = number if fits_nobody else exp.Coalesce(this=number, expressions=[exp.Literal.number(0)])
        compared = self._against(counted, test.comparison, test.value)
        return _known_and(number, compared) if fits_nobody else compared

    def _property(self, test: Compared) -> exp.Expr:
        return self._compared(_column("each", test.fact.column), test)

    # Comparisons.

    def _compared(self, column: exp.Expr, test: Compared) -> exp.Expr:
        known = _is_known(column)
        if test.comparison in {"known", "unknown"}:
            return known if test.comparison == "known" else exp.not_(known)
        if test.comparison in {"yes", "no"}:
            holds = exp.and_(known, column.copy())
            return holds if test.comparison == "yes" else exp.not_(holds)
        if test.comparison == "not_in":
            return exp.not_(exp.and_(known, self._against(column, "in", test.value)))
        return exp.and_(known, self._against(column, test.comparison, test.value))

    def _against(self, column: exp.Expr, comparison: str, value: Value) -> exp.Expr:
        return _COMPARISONS[comparison](self, column.copy(), value)

    def _between(self, column: exp.Expr, value: Any) -> exp.Expr:
        low, high = value
        return exp.and_(
            exp.GTE(this=column, expression=self._bind(low)), exp.LTE(this=column.copy(), expression=self._bind(high))
        )

    def _back(self, days: Any) -> exp.Expr:
        return self._bind(_days_before(self._standpoint.day, days))

    def _ahead(self, column: exp.Expr, days: Any) -> exp.Expr:
        end = self._standpoint.day + timedelta(days=days)
        return exp.and_(
            exp.GTE(this=column, expression=self._bind(self._standpoint.day)),
            exp.LT(this=column.copy(), expression=self._bind(end)),
        )

    def _anniversary(self, column: exp.Expr, days: Any) -> exp.Expr:
        month = exp.Mul(this=exp.Month(this=column), expression=exp.Literal.number(100))
        marks = exp.Add(this=month, expression=exp.Day(this=column.copy()))
        earlier = exp.LT(this=column.copy(), expression=self._bind(self._standpoint.day))
        return exp.and_(earlier, self._within(marks, sorted(month_days(self._standpoint.day, days))))

    def _contains(self, column: exp.Expr, text: Any) -> exp.Expr:
        found = exp.StrPosition(this=exp.Lower(this=column), substr=self._bind(str(text).lower()))
        return exp.GT(this=found, expression=exp.Literal.number(0))

    def _within(self, column: exp.Expr, values: Iterable[Any]) -> exp.Expr:
        bound = [self._bind(value) for value in values]
        return exp.In(this=column, expressions=bound) if bound else exp.false()

    # Happenings.

    def _when(self, what: Happening, when: When, tally: _Tally) -> exp.Expr | None:
        day = _column("each", what.day)
        if when.kind == "ever":
            return None
        if when.anchor is None:
            return self._against(day, when.kind, when.value)
        anchor = _column("anchor", when.anchor.column)
        last = exp.Add(this=anchor, expression=self._bind(when.value))
        return exp.and_(
            exp.GTE(this=day, expression=anchor.copy()), exp.LTE(this=day.copy(), expression=last), _is_known(anchor)
        )

    def _lowest(self, when: When) -> date | None:
        """Return the first day that can count; None where there is none."""
        if when.kind == "within_days" and isinstance(when.value, int):
            return _days_before(self._standpoint.day, when.value)
        low = when.value[0] if isinstance(when.value, tuple) else when.value
        return low if when.kind in {"since", "between"} and isinstance(low, date) else None

    def _measure(self, test: Happened) -> exp.Expr | None:
        if test.measure == "days":
            return exp.Count(this=exp.Distinct(expressions=[_column("each", test.what.day)]))
        measured = test.what.measure_named(test.measure)
        if measured is None:
            return None
        column: exp.Expr = _column("each", measured.column)
        if measured.kind == "money":
            same = exp.EQ(this=_column("each", test.what.currency), expression=self._bind(self._standpoint.currency))
            column = exp.Case(ifs=[exp.If(this=same, true=column)], default=exp.Literal.number(0))
        return exp.Sum(this=column)

    def _tally(self, source: str, anchor: Field | None) -> _Tally:
        key = (source, anchor.name if anchor else "")
        return self._tallies.setdefault(key, _Tally(f"tally_{len(self._tallies)}", source, anchor))

    def _number(
        self, tally: _Tally, condition: exp.Expr | None, measure: exp.Expr | None, *, lowest: date | None = None
    ) -> exp.Expr:
        """Add a number to a pass and return the column that holds it."""
        counted = measure or exp.Count(this=exp.Star())
        if condition is not None:
            counted = exp.Filter(this=counted, expression=exp.Where(this=condition))
        if counted in tally.numbers:
            name = f"n{tally.numbers.index(counted)}"
        else:
            name = f"n{len(tally.numbers)}"
            tally.numbers.append(counted)
        tally.lowest.append(lowest)
        return _column(tally.alias, name)

    def _pass_over(self, tally: _Tally) -> exp.Select:
        person = _column("each", _CUSTOMER)
        numbers = [exp.alias_(number, f"n{place}") for place, number in enumerate(tally.numbers)]
        select = exp.select(person, *numbers).from_(_source(tally.source, "each"), copy=False)
        if tally.anchor is not None:
            anchor = _source(tally.anchor.source, "anchor")
            select = select.join(anchor, on=_same_person("anchor", "each"), copy=False)
        if tally.day:
            day = _column("each", tally.day)
            select = select.where(exp.LT(this=day, expression=self._bind(self._standpoint.day)), copy=False)
            bounds = [low for low in tally.lowest if low is not None]
            if len(bounds) == len(tally.lowest):
                # What lies before all conditions is not read at all.
                select = select.where(exp.GTE(this=day.copy(), expression=self._bind(min(bounds))), copy=False)
        if len(numbers) == 1 and isinstance(tally.numbers[0], exp.Filter):
            # A single condition narrows the rows themselves.
            only = tally.numbers[0]
            select = select.where(only.expression.this.copy(), copy=False).select(
                person.copy(), exp.alias_(only.this.copy(), "n0"), append=False, copy=False
            )
        return select.group_by(person.copy(), copy=False)

    def _bind(self, value: Any) -> exp.Expr:
        # The type is part of the key: True and 1 are equal.
        key = (type(value), value)
        if key not in self._places:
            self._places[key] = f"p{len(self._places)}"
            self._params[self._places[key]] = value
        return exp.Placeholder(this=self._places[key])


_Comparing = Callable[[_Compiler, exp.Expr, Any], exp.Expr]

_COMPARISONS: dict[str, _Comparing] = {
    "at_least": lambda made, column, value: exp.GTE(this=column, expression=made._bind(value)),
    "at_most": lambda made, column, value: exp.LTE(this=column, expression=made._bind(value)),
    "equals": lambda made, column, value: exp.EQ(this=column, expression=made._bind(value)),
    "between": _Compiler._between,
    "in": _Compiler._within,
    "within_days": lambda made, column, value: exp.GTE(this=column, expression=made._back(value)),
    "not_within_days": lambda made, column, value: exp.LT(this=column, expression=made._back(value)),
    "within_next_days": _Compiler._ahead,
    "before": lambda made, column, value: exp.LT(this=column, expression=made._bind(value)),
    "since": lambda made, column, value: exp.GTE(this=column, expression=made._bind(value)),
    "anniversary_within_days": _Compiler._anniversary,
    "contains": _Compiler._contains,
    "starts_with": lambda made, column, value: exp.StartsWith(this=column, expression=made._bind(value)),
}


def month_days(day: date, days: int) -> set[int]:
    """Return the days of the year, as month x 100 + day, whose anniversary lies within so many days from a day on.

    A 29 February is kept on 1 March in years without it.
    """
    found = set()
    for ahead in range(days):
        one = day + timedelta(days=ahead)
        found.add(one.month * 100 + one.day)
        if (one.month, one.day) == (3, 1) and (one - timedelta(days=1)).day == 28:
            found.add(229)
    return found


def _days_before(day: date, days: int) -> date:
    try:
        return day - timedelta(days=days)
    except OverflowError:
        return date.min


@cache
def _query(name: str) -> exp.Expr:
    tree = sqlglot.parse_one(catalogue_of("yutang")[name].sql, read="duckdb")
    for node in tree.walk():
        node.comments = None
    return tree


def _source(name: str, alias: str) -> exp.Expr:
    """Return a named query as a table in brackets: never a common step, so that the engine reads only what is asked."""
    return exp.Subquery(this=_query(name).copy(), alias=exp.TableAlias(this=exp.to_identifier(alias)))


def _column(table: str, name: str) -> exp.Expr:
    return exp.column(name, table=table)


def _is_known(column: exp.Expr) -> exp.Expr:
    return exp.not_(exp.Is(this=column.copy(), expression=exp.Null()))


def _known_and(column: exp.Expr, condition: exp.Expr) -> exp.Expr:
    return exp.and_(_is_known(column), condition)


def _same_person(first: str, second: str) -> exp.Expr:
    return exp.EQ(this=_column(first, _CUSTOMER), expression=_column(second, _CUSTOMER))
