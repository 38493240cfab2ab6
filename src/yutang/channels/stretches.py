"""Stretches of a list in the order of an instant and a key: each is one range of an index over both, on either database.

A campaign gives a million messages the same instant. ``at < x OR (at = x AND id < y)`` reads all of an instant again on each
page, and so does ``(at, id) < (x, y)`` on SQLite, which leaves the key of a table out when it compares pairs by an index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

#: The instant of a row and its key.
Pair = tuple[datetime, int]


@dataclass(frozen=True)
class Stretch:
    """Rows that follow each other.

    Attributes:
        rows: in their order.
        at: the instant of all of them; None: of several.
    """

    rows: QuerySet[Any]
    at: datetime | None = None


@dataclass(frozen=True)
class Order:
    """The order of a list: by a column of instants, then by key.

    Attributes:
        column: name of the field.
        rises: whether the earliest comes first.
    """

    column: str
    rises: bool = False

    def after(self, rows: QuerySet[Any], place: Pair | None) -> list[Stretch]:
        """Return the rows that come after a place, in order; None: all of them."""
        sign = "" if self.rises else "-"
        ordered = rows.order_by(f"{sign}{self.column}", f"{sign}pk")
        if place is None:
            return [Stretch(ordered)]
        at, key = place
        same = ordered.filter(**{self.column: at, f"pk__{self._beyond}": key})
        return [Stretch(same, at), Stretch(ordered.filter(**{f"{self.column}__{self._beyond}": at}))]

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

    def _until(self, stretch: Stretch, last: Pair) -> Iterator[Stretch]:
        """Yield the rows of a stretch up to one of them, that one included."""
        at, key = last
        back = "lte" if self.rises else "gte"
        if stretch.at is None:
            nearer = "lt" if self.rises else "gt"
            yield Stretch(stretch.rows.filter(**{f"{self.column}__{nearer}": at}))
        yield Stretch(stretch.rows.filter(**{self.column: at, f"pk__{back}": key}), at)

    @property
    def _beyond(self) -> str:
        return "gt" if self.rises else "lt"
