"""Stretches of a list in the order of an instant and a key: each is one range of an index over both, on either database.

A campaign gives a million messages the same instant. ``at < x OR (at = x AND id < y)`` reads all of an instant again on each
page, and so does ``(at, id) < (x, y)`` on SQLite, which leaves the key of a table out when it compares pairs by an index.
SQLite enters an index by one bound of a side alone and reads on to where the other one begins to hold: a stretch has one of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

#: The instant of a row and its key.
Pair = tuple[datetime, int]
#: What both databases tell instants apart by.
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Span:
    """Instants from one on and before another; None: without a bound."""

    since: datetime | None = None
    until: datetime | None = None

    def narrowed(self, *, since: datetime | None = None, until: datetime | None = None) -> Span:
        """Return what this span and another have in common."""
        starts = [one for one in (self.since, since) if one is not None]
        ends = [one for one in (self.until, until) if one is not None]
        return Span(max(starts, default=None), min(ends, default=None))

    def later_than(self, at: datetime) -> Span:
        """Return what of this span comes after an instant."""
        return self.narrowed(since=at + _TICK)

    def holds(self, at: datetime) -> bool:
        """Return whether an instant lies in it."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def of(self, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
        """Return the rows whose instant lies in it."""
        bounds = {f"{column}__gte": self.since, f"{column}__lt": self.until}
        return rows.filter(**{name: bound for name, bound in bounds.items() if bound is not None})


@dataclass(frozen=True)
class Stretch:
    """Rows that follow each other.

    Attributes:
        rows: in their order, up to the bounds of the stretch.
        at: the instant of all of them; None: of several.
        whole: where it is of several, the rows without its bounds, and these.
    """

    rows: QuerySet[Any]
    at: datetime | None = None
    whole: tuple[QuerySet[Any], Span] | None = None


@dataclass(frozen=True)
class Order:
    """The order of a list: by a column of instants, then by key.

    Attributes:
        column: name of the field.
        rises: whether the earliest comes first.
    """

    column: str
    rises: bool = False

    def after(self, rows: QuerySet[Any], span: Span, place: Pair | None) -> list[Stretch]:
        """Return the rows of a span that come after a place, in order; None: all of them."""
        sign = "" if self.rises else "-"
        ordered = rows.order_by(f"{sign}{self.column}", f"{sign}pk")
        if place is None:
            return [self._several(ordered, span)]
        at, key = place
        same = ordered.filter(**{self.column: at, f"pk__{'gt' if self.rises else 'lt'}": key})
        rest = self._several(ordered, span.later_than(at) if self.rises else span.narrowed(until=at))
        return [Stretch(same, at), rest] if span.holds(at) else [rest]

    def cut(self, stretches: list[Stretch], n: int) -> tuple[list[Stretch], Pair | None]:
        """Return the first n rows of stretches as stretches, and the last of these rows; None where there are no more of them.

        Args:
            stretches: as `after` returns them.
            n: rows, at least 1. Count.
        """
        kept: list[Stretch] = []
        for one in stretches:
            last: Pair | None = one.rows.values_list(self.column, "pk")[n - 1 : n].first() if n else None
            if last is not None:
                return [*kept, *self._until(one, last)], last
            kept.append(one)
            n -= one.rows.count() if one is not stretches[-1] else 0
        return kept, None

    def _several(self, ordered: QuerySet[Any], span: Span) -> Stretch:
        return Stretch(span.of(ordered, self.column), whole=(ordered, span))

    def _until(self, stretch: Stretch, last: Pair) -> Iterator[Stretch]:
        """Yield the rows of a stretch up to one of them, that one included."""
        at, key = last
        rows = stretch.rows
        if stretch.whole is not None:
            rows, span = stretch.whole
            yield self._several(rows, span.narrowed(until=at) if self.rises else span.later_than(at))
        yield Stretch(rows.filter(**{self.column: at, f"pk__{'lte' if self.rises else 'gte'}": key}), at)
