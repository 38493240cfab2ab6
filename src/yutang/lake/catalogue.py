"""Named queries: `.sql` files in the packages' `sql` folders, each with a header that says what it promises.

The header is a block of comments at the top of the file, one key a line, a line that begins with more than one space
after the dashes goes on with the key before it::

    -- name:   insight.rfm
    -- grain:  one row per customer with an order before $as_of
    -- reads:  orders_order(customer_id, total_minor, business_date)
    -- params: as_of DATE (exclusive)
    -- units:  recency_days DAY, spend_minor minor currency unit

`inputs` names rows that the caller lends, written like `reads`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_KEYS = ("name", "grain", "reads", "inputs", "params", "units")
_REQUIRED = ("name", "grain", "reads", "units")
_KEY_LINE = re.compile(r"^--\s?(\w+):\s*(.*)$")
_TABLE = re.compile(r"(\w+)\s*\(([^)]*)\)")
_PARAM = re.compile(r"(\w+)\s+([A-Z]+(?:\[\])?)(?:\s*\(([^)]*)\))?")


class HeaderIsWrong(Exception):
    """A `.sql` file whose header is missing or cannot be read: a fault of the package."""


class QueryNotFound(DomainError):
    """No query has the name."""

    code = "query_not_found"
    http_status = 404
    message = N_("There is no query named %(name)s. Names: %(names)s")


@dataclass(frozen=True)
class Param:
    """A parameter of a query.

    Attributes:
        name: written ``$name`` in the text.
        type: SQL type, with ``[]`` for a list.
        note: what the header says in brackets, for example ``exclusive``.
    """

    name: str
    type: str
    note: str = ""


@dataclass(frozen=True)
class NamedQuery:
    """A query with its promises; `sql` is the whole text in DuckDB's dialect."""

    name: str
    grain: str
    reads: Mapping[str, tuple[str, ...]]
    inputs: Mapping[str, tuple[str, ...]]
    params: Mapping[str, Param]
    units: str
    sql: str
    origin: str


class Catalogue:
    """All named queries of some packages."""

    def __init__(self, queries: Iterable[NamedQuery]) -> None:
        self._queries: dict[str, NamedQuery] = {}
        for query in queries:
            if query.name in self._queries:
                raise HeaderIsWrong(f"{query.origin}: {query.name} is also in {self._queries[query.name].origin}")
            self._queries[query.name] = query

    def __getitem__(self, name: str) -> NamedQuery:
        if name not in self._queries:
            raise QueryNotFound(name=name, names=", ".join(sorted(self._queries)))
        return self._queries[name]

    def __iter__(self) -> Iterator[NamedQuery]:
        return iter(sorted(self._queries.values(), key=lambda query: query.name))

    def __len__(self) -> int:
        return len(self._queries)


@cache
def catalogue_of(package: str) -> Catalogue:
    """Return the queries in the `sql` folders of a package and of the packages right below it.

    Raises:
        HeaderIsWrong: a file has no readable header, or two have one name.
    """
    root = resources.files(package)
    folders = [root, *sorted((each for each in root.iterdir() if each.is_dir()), key=lambda each: each.name)]
    return Catalogue(query for folder in folders for query in _queries_in(folder))


def parse_query(text: str, *, origin: str) -> NamedQuery:
    """Return the query in a `.sql` text.

    Raises:
        HeaderIsWrong: the header lacks a key or cannot be read.
    """
    header = _header_of(text, origin)
    missing = [key for key in _REQUIRED if not header.get(key)]
    if missing:
        raise HeaderIsWrong(f"{origin}: the header lacks {', '.join(missing)}")
    params = {m[1]: Param(m[1], m[2], m[3] or "") for m in _PARAM.finditer(header.get("params", ""))}
    return NamedQuery(
        name=header["name"],
        grain=header["grain"],
        reads=_tables_in(header["reads"]),
        inputs=_tables_in(header.get("inputs", "")),
        params=params,
        units=header["units"],
        sql=text.strip().rstrip(";"),
        origin=origin,
    )


def broken_promises(query: NamedQuery) -> list[str]:
    """Return where the text of a query differs from its header, in plain English; empty where all is true."""
    try:
        tree = sqlglot.parse_one(query.sql, read="duckdb")
    except SqlglotError as error:
        return [f"cannot be read: {error}"]
    declared = {**query.reads, **query.inputs}
    steps = {cte.alias for cte in tree.find_all(exp.CTE)}
    used = {table.name for table in tree.find_all(exp.Table)} - steps
    faults = [f"reads {name} without saying so" for name in sorted(used - set(declared))]
    faults += [f"says that it reads {name} and does not" for name in sorted(set(declared) - used)]
    places = {place.name for place in tree.find_all(exp.Placeholder, exp.Parameter)}
    faults += [f"uses ${name} without saying so" for name in sorted(places - set(query.params))]
    faults += [f"says that it takes ${name} and does not" for name in sorted(set(query.params) - places)]
    return faults or _column_faults(tree, declared)


def _column_faults(tree: exp.Expr, declared: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return columns that are read and not declared, or declared and not read."""
    schema: dict[str, object] = {table: dict.fromkeys(columns, "UNKNOWN") for table, columns in declared.items()}
    try:
        qualified = qualify(tree.copy(), schema=schema, dialect="duckdb", quote_identifiers=False)
    except SqlglotError as error:
        return [f"reads a column without saying so: {error}"]
    read: dict[str, set[str]] = {table: set() for table in declared}
    for select in qualified.find_all(exp.Select):
        sources = {table.alias_or_name: table.name for table in select.find_all(exp.Table)}
        for column in select.find_all(exp.Column):
            if sources.get(column.table) in read:
                read[sources[column.table]].add(column.name)
    return [
        f"says that it reads {table}.{column} and does not"
        for table, columns in declared.items()
        for column in columns
        if column not in read[table]
    ]


def _queries_in(folder: Traversable) -> Iterator[NamedQuery]:
    sql = folder / "sql"
    if not sql.is_dir():
        return
    for file in sorted(sql.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".sql"):
            yield parse_query(file.read_text(encoding="utf-8"), origin=f"{folder.name}/sql/{file.name}")


def _header_of(text: str, origin: str) -> dict[str, str]:
    header: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        found = _KEY_LINE.match(line)
        if found and found[1] in _KEYS:
            key = found[1]
            header[key] = found[2].strip()
        elif key:
            header[key] = f"{header[key]} {line[2:].strip()}".strip()
    if not header:
        raise HeaderIsWrong(f"{origin}: has no header")
    return header


def _tables_in(text: str) -> dict[str, tuple[str, ...]]:
    return {m[1]: tuple(column.strip() for column in m[2].split(",") if column.strip()) for m in _TABLE.finditer(text)}
