"""Named queries: `.sql` files in the packages' `sql` folders, each with a header that says what it promises.

The header is a block of comments at the top of the file, one key a line, a line that begins with more than one space
after the dashes goes on with the key before it::

    -- name:   insight.rfm
    -- grain:  one row per customer with an order before $as_of
    -- reads:  orders_order(customer_id, total_minor, business_date)
    -- params: as_of DATE (exclusive)
    -- units:  recency_days DAY, spend_minor minor currency unit

`inputs` names rows that the caller lends, written like `reads`.

What several queries begin with is a shared step: a file in `sql/steps` with the same header. A query names those that it
stands on under `uses`, and each is put in front of the query's own steps under the last part of its name, or under another::

    -- uses:   insight.kind_of_line AS kind, insight.customer_difference

The header of a query or step says only what its own text reads and takes; the whole has all of it. A step may use others, and
`inputs` of a step are rows of steps that the query names before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_KEYS = ("name", "grain", "uses", "reads", "inputs", "params", "units")
_REQUIRED = ("name", "grain", "reads", "units")
_KEY_LINE = re.compile(r"^--\s?(\w+):\s*(.*)$")
_TABLE = re.compile(r"(\w+)\s*\(([^)]*)\)")
_USE = re.compile(r"([\w.]+)(?:\s+AS\s+(\w+))?")
_PARAM = re.compile(r"(\w+)\s+([A-Z]+(?:\[\])?)(?:\s*\(([^)]*)\))?")


class HeaderIsWrong(Exception):
    """A `.sql` file whose header is missing, cannot be read or does not fit to others: a fault of the package."""


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
    """A query with its promises; `sql` is the whole text in DuckDB's dialect.

    Attributes:
        uses: shared steps that stand in front, ``{name of the step in the text: name of the step}``.
        origin: where it was found.
    """

    name: str
    grain: str
    reads: Mapping[str, tuple[str, ...]]
    inputs: Mapping[str, tuple[str, ...]]
    params: Mapping[str, Param]
    units: str
    sql: str
    origin: str
    uses: Mapping[str, str] = field(default_factory=dict)


class Catalogue:
    """All named queries of some packages, whole: with the shared steps that they stand on.

    Args:
        queries: as their files have them.
        steps: shared steps, as their files have them.
    """

    def __init__(self, queries: Iterable[NamedQuery], steps: Iterable[NamedQuery] = ()) -> None:
        self._queries = _by_name(queries)
        self._steps = _by_name(steps)
        self._whole: dict[str, NamedQuery] = {}
        self._lending: dict[tuple[str, str], NamedQuery] = {}

    def __getitem__(self, name: str) -> NamedQuery:
        if name not in self._queries:
            raise QueryNotFound(name=name, names=", ".join(sorted(self._queries)))
        if name not in self._whole:
            self._whole[name] = with_steps(self._queries[name], self._steps)
        return self._whole[name]

    def lending(self, name: str, step: str) -> NamedQuery:
        """Return a query that takes the rows of a step, under the name that the step has in it, among its inputs.

        For who can make those rows sooner than the engine would; they must be the same.
        """
        whole = self[name]
        if (name, step) not in self._lending:
            self._lending[name, step] = with_steps(self._queries[whole.name], self._steps, lent=step)
        return self._lending[name, step]

    def __iter__(self) -> Iterator[NamedQuery]:
        return iter([self[name] for name in sorted(self._queries)])

    def __len__(self) -> int:
        return len(self._queries)

    @property
    def steps(self) -> tuple[NamedQuery, ...]:
        """The shared steps, each with those that it stands on itself, by name."""
        return tuple(with_steps(self._steps[name], self._steps) for name in sorted(self._steps))


@cache
def catalogue_of(package: str) -> Catalogue:
    """Return the queries in the `sql` folders of a package and of the packages right below it.

    Raises:
        HeaderIsWrong: a file has no readable header, or two have one name.
    """
    root = resources.files(package)
    folders = [root, *sorted((each for each in root.iterdir() if each.is_dir()), key=lambda each: each.name)]
    queries = [query for folder in folders for query in _queries_in(folder, "sql")]
    return Catalogue(queries, [step for folder in folders for step in _queries_in(folder, "sql", "steps")])


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
        uses=_uses_in(header.get("uses", ""), origin),
    )


def with_steps(query: NamedQuery, steps: Mapping[str, NamedQuery], *, lent: str = "") -> NamedQuery:
    """Return a query with the shared steps that it uses in front of its own, and with their tables, inputs and parameters.

    Args:
        query: as its file has it.
        steps: all shared steps, ``{name: step}``, as their files have them.
        lent: name of a step that is not put in front: its rows are an input.

    Raises:
        HeaderIsWrong: a step does not exist, two differ and have one name, a step lacks its input, or one parameter has two types.
    """
    if not query.uses:
        return query
    whole = _Whole(query, steps, lent)
    for alias, name in query.uses.items():
        whole.put(alias, name)
    tree = _tree(query)
    whole.require_free(cte.alias for cte in tree.ctes)
    parts = [query, *whole.parts]
    return replace(
        query,
        reads=_merged(part.reads for part in parts),
        inputs={**query.inputs, **whole.lent},
        params=_merged_params(parts),
        sql=_preceded(tree, whole.ctes).sql(dialect="duckdb", pretty=True),
    )


class _Whole:
    """The steps in front of a query, in order, each once."""

    def __init__(self, query: NamedQuery, steps: Mapping[str, NamedQuery], lent: str) -> None:
        self._query = query
        self._steps = steps
        self._lent = lent
        self.lent: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, str] = {}
        self.parts: list[NamedQuery] = []
        self.ctes: list[exp.CTE] = []

    def put(self, alias: str, name: str) -> None:
        """Put a step in front, and before it what it stands on; what stands there already is not repeated."""
        if self._names.get(alias) == name:
            return
        if name not in self._steps:
            raise HeaderIsWrong(f"{self._query.origin}: there is no step {name}")
        step = self._steps[name]
        if name == self._lent:
            self._names[alias] = name
            self.lent[alias] = tuple(_tree(step).named_selects)
            return
        for below, its_name in step.uses.items():
            self.put(below, its_name)
        lacking = sorted(set(step.inputs) - set(self._names) - set(self._query.inputs))
        if lacking:
            raise HeaderIsWrong(f"{self._query.origin}: {name} needs {', '.join(lacking)} before it")
        tree = _tree(step)
        own = list(tree.ctes)
        self.require_free([*(cte.alias for cte in own), alias])
        self._names |= {**{cte.alias: f"{name}.{cte.alias}" for cte in own}, alias: name}
        self.parts.append(step)
        self.ctes += [*own, _cte(alias, _without_steps(tree))]

    def require_free(self, aliases: Iterable[str]) -> None:
        """Refuse steps that have the name of one that stands there."""
        taken = sorted(set(aliases) & set(self._names))
        if taken:
            raise HeaderIsWrong(f"{self._query.origin}: two steps are called {', '.join(taken)}")


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


def _queries_in(folder: Traversable, *path: str) -> Iterator[NamedQuery]:
    sql = folder.joinpath(*path)
    if not sql.is_dir():
        return
    for file in sorted(sql.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".sql"):
            origin = "/".join((folder.name, *path, file.name))
            yield parse_query(file.read_text(encoding="utf-8"), origin=origin)


def _by_name(queries: Iterable[NamedQuery]) -> dict[str, NamedQuery]:
    found: dict[str, NamedQuery] = {}
    for query in queries:
        if query.name in found:
            raise HeaderIsWrong(f"{query.origin}: {query.name} is also in {found[query.name].origin}")
        found[query.name] = query
    return found


def _tree(query: NamedQuery) -> exp.Query:
    """Return the text of a query without its header as a tree."""
    lines = query.sql.splitlines()
    body = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    tree = sqlglot.parse_one("\n".join(lines[body:]), read="duckdb")
    if not isinstance(tree, exp.Query):
        raise HeaderIsWrong(f"{query.origin}: is no query")
    return tree


def _cte(alias: str, tree: exp.Expr) -> exp.CTE:
    return exp.CTE(this=tree, alias=exp.TableAlias(this=exp.to_identifier(alias)))


def _without_steps(tree: exp.Query) -> exp.Query:
    tree.set("with_", None)
    return tree


def _preceded(tree: exp.Query, ctes: list[exp.CTE]) -> exp.Query:
    tree.set("with_", exp.With(expressions=[*ctes, *tree.ctes]))
    return tree


def _merged(tables: Iterable[Mapping[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Return all columns of all tables, each once."""
    found: dict[str, dict[str, None]] = {}
    for each in tables:
        for table, columns in each.items():
            found.setdefault(table, {}).update(dict.fromkeys(columns))
    return {table: tuple(columns) for table, columns in found.items()}


def _merged_params(parts: Iterable[NamedQuery]) -> dict[str, Param]:
    """Return all parameters; what the first part says of one stands."""
    found: dict[str, Param] = {}
    for part in parts:
        for name, param in part.params.items():
            known = found.setdefault(name, param)
            if known.type != param.type:
                raise HeaderIsWrong(f"{part.origin}: ${name} is {param.type}, and elsewhere {known.type}")
    return found


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


def _uses_in(text: str, origin: str) -> dict[str, str]:
    found = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        use = _USE.fullmatch(part)
        if use is None:
            raise HeaderIsWrong(f"{origin}: “{part}” names no step")
        alias = use[2] or use[1].rpartition(".")[2]
        if alias in found:
            raise HeaderIsWrong(f"{origin}: two steps are called {alias}")
        found[alias] = use[1]
    return found


def _tables_in(text: str) -> dict[str, tuple[str, ...]]:
    return {m[1]: tuple(column.strip() for column in m[2].split(",") if column.strip()) for m in _TABLE.finditer(text)}
