"""Which tables of the operational store are published to the lake. Domains declare them in their `lake_tables`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import sqlglot
from sqlglot import exp

from yutang.kit.registry import Registry
from yutang.lake.export import Extract
from yutang.lake.partitions import UNDATED, WHOLE

StoreDialect = Literal["sqlite", "postgres"]

#: Column types that SQLite keeps as text.
_TEXT_IN_SQLITE = frozenset({"string", "date", "timestamp"})


@dataclass(frozen=True)
class PublishedTable:
    """One table of the lake and where its rows come from.

    Attributes:
        name: ``<domain>_<noun>``, one name for ever: queries read it.
        sql: a SELECT over the operational tables, in words that SQLite and PostgreSQL share; every column has an alias.
        columns: ``{alias: type}`` in the order of the SELECT; types of `lake.columns.ARROW_TYPES`.
        month_column: the date column whose month is the partition; None: the table is one partition ``all``.
        follows: names of tables of other rooms that its rows are joined from; where one of these is marked, it is read anew.
        not_marked: tells the partitions whose rows came since they were marked last, of a table whose rows are not marked one by one.
    """

    name: str
    sql: str
    columns: Mapping[str, str]
    month_column: str | None = None
    follows: tuple[str, ...] = ()
    not_marked: Callable[[], frozenset[str]] = frozenset

    @property
    def sorted_by(self) -> str | None:
        """The store, where rows have one: what managers ask about theirs reads the few row groups that hold it."""
        return "store_id" if "store_id" in self.columns else None

    @property
    def declaration(self) -> str:
        """Digest of what is published and how it lies; where it changes, the sync writes the table anew."""
        told = json.dumps([self.sql, list(self.columns.items()), self.month_column, self.sorted_by])
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()

    def extract(self, *, dialect: StoreDialect, partitions: Iterable[str] | None = None) -> Extract:
        """Return what the exporter needs to read the table.

        Args:
            dialect: of the operational store.
            partitions: only rows of these partitions; None: all rows.
        """
        columns = tuple(self.columns.items())
        if partitions is None or self.month_column is None:
            sql = _every_row(self.name, self.sql, columns, dialect)
        else:
            tree = _select(self.name, self.sql, columns)
            month_of = {each.alias: each.unalias() for each in tree.selects}[self.month_column]
            condition = _within(month_of, sorted(set(partitions)), dialect)
            sql = _written(tree.where(condition, copy=False), columns, dialect)
        return Extract(
            table=self.name,
            sql=sql,
            columns=dict(self.columns),
            month_column=self.month_column,
            sorted_by=self.sorted_by,
        )


PUBLISHED: Registry[PublishedTable] = Registry(what="published tables", name_of=lambda table: table.name)


def _select(name: str, sql: str, columns: tuple[tuple[str, str], ...]) -> exp.Select:
    """Return what a table publishes, read anew."""
    tree = sqlglot.parse_one(sql, read="postgres")
    if not isinstance(tree, exp.Select) or [each.alias for each in tree.selects] != [column for column, _ in columns]:
        raise ValueError(f"{name}: the SELECT and the columns do not name the same")
    return tree


@cache
def _every_row(name: str, sql: str, columns: tuple[tuple[str, str], ...], dialect: StoreDialect) -> str:
    """Return the text that reads the whole table: every sync that writes needs that of several, and reading takes a while."""
    return _written(_select(name, sql, columns), columns, dialect)


def _written(tree: exp.Select, columns: tuple[tuple[str, str], ...], dialect: StoreDialect) -> str:
    """Return the text for the store, and write it so that the driver knows every type."""
    if dialect == "sqlite":
        # The driver guesses a column's type from its first rows and fails where text follows nulls.
        types = dict(columns)
        for each in tree.selects:
            if types[each.alias] in _TEXT_IN_SQLITE:
                each.set("this", exp.Coalesce(this=each.this, expressions=[exp.Literal.string("")]))
    return tree.sql(dialect=dialect)


def _within(month_of: exp.Expr, partitions: list[str], dialect: StoreDialect) -> exp.Expr:
    """Return the condition that a date lies in one of the months; neighbours become one range.

    The days are written out: to a statement with bound values PostgreSQL's driver takes the whole answer into memory, and streams it
    otherwise. They are made of numbers here, so nothing but a day can stand there.
    """
    conditions: list[exp.Expr] = []
    if UNDATED in partitions:
        conditions.append(exp.Is(this=month_of.copy(), expression=exp.Null()))
    for start, end in _ranges([each for each in partitions if each not in {UNDATED, WHOLE}]):
        low, high = _day(start, dialect), _day(end, dialect)
        conditions.append(
            exp.and_(exp.GTE(this=month_of.copy(), expression=low), exp.LT(this=month_of.copy(), expression=high))
        )
    return exp.or_(*conditions)


def _ranges(months: list[str]) -> list[tuple[str, str]]:
    """Return half-open ranges of ISO dates that hold the sorted months."""
    numbers = [int(month[:4]) * 12 + int(month[5:]) - 1 for month in months]
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number:
            ranges[-1][1] = number + 1
        else:
            ranges.append([number, number + 1])
    return [(_first_day(start), _first_day(end)) for start, end in ranges]


def _first_day(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}-01"


def _day(day: str, dialect: StoreDialect) -> exp.Expr:
    """Return an ISO date as the store compares it: SQLite keeps text."""
    written = exp.Literal.string(day)
    return written if dialect == "sqlite" else exp.cast(written, exp.DataType.Type.DATE)
