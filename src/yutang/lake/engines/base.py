"""One engine class; what differs between engines has a name in the dialect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from yutang.lake.catalogue import NamedQuery
from yutang.lake.columns import schema_of
from yutang.lake.damage import check_file
from yutang.lake.engines.words import require_words
from yutang.lake.manifest import Snapshot

#: What the name of a table can be.
_WORD = re.compile(r"\w+")


class QueryFailed(Exception):
    """The engine refused or broke off a query. The message holds the SQL and its parameters.

    Attributes:
        sql: what was executed.
        params: what was bound.
    """

    def __init__(self, *, sql: str, params: Mapping[str, Any], reason: str) -> None:
        self.sql = sql
        self.params = dict(params)
        super().__init__(f"{reason}\n\nwith {self.params}\n\n{sql}")


class Session(Protocol):
    """An open connection of an engine."""

    @property
    def memory_bytes(self) -> int:
        """What it may hold within this process; 0: it works elsewhere."""

    def publish(self, name: str, files: list[str], schema: pa.Schema) -> None:
        """Make Parquet files readable as a table; an empty table where there are none."""

    def lend(self, name: str, rows: pa.Table) -> None:
        """Make rows of this process readable as a table."""

    def take_back(self, name: str) -> None:
        """Forget lent rows."""

    def define(self, statement: str) -> None:
        """Run a statement in the engine's own words."""

    def execute(self, sql: str, params: Mapping[str, Any]) -> pa.Table:
        """Run one statement, in DuckDB's words, and return its rows."""

    def batches(self, sql: str, params: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
        """Run one statement, in DuckDB's words, and yield its rows, some at a time."""

    def close(self) -> None:
        """Give everything back."""


@dataclass(frozen=True)
class Dialect:
    """What differs between engines.

    Attributes:
        name: name of the engine in settings.
        title: what a person calls it.
        names: functions that our queries use and that every engine defines for itself, ``{name: definition}``.
        words: what queries may use of it, as `words_of` calls it, because it gives the rows that DuckDB gives; None: all
            of DuckDB's dialect, in which queries are written.
        errors: exceptions by which the engine refuses a query.
        reach: raises where the engine cannot be asked now.
        open: opens a session; it may spill what does not fit into memory into the folder, which lies in that of the lake.
        is_near: whether rows come to this process for next to nothing, so that it may go through very many of them itself.
    """

    name: str
    title: str
    names: Mapping[str, str]
    words: frozenset[str] | None
    errors: tuple[type[Exception], ...]
    reach: Callable[[], None]
    open: Callable[[Path], Session]
    is_near: bool


@dataclass(frozen=True)
class Narrowing:
    """What queries see of some tables instead of all their rows, so that a choice is told once for every query.

    Attributes:
        tables: ``{table: name under which all its rows are still there}``.
        views: statements that make the tables out of all their rows, in their order; no value stands in them.
        inputs: rows of this process that the statements read, ``{name: rows}``.
    """

    tables: Mapping[str, str]
    views: tuple[str, ...]
    inputs: Mapping[str, pa.Table]


class Engine:
    """Runs named queries over one pinned snapshot of the lake; use as a context manager.

    Args:
        dialect: of the engine.
        snapshot: pinned lake.
        narrowing: what queries see of some tables; None: everything.
    """

    def __init__(self, *, dialect: Dialect, snapshot: Snapshot, narrowing: Narrowing | None = None) -> None:
        self.dialect = dialect
        self.snapshot = snapshot
        self._session = dialect.open(snapshot.root / "spill")
        for definition in dialect.names.values():
            self._session.define(definition)
        names = narrowing.tables if narrowing else {}
        self._unread = {names.get(table, table): table for table in snapshot.manifests}
        if narrowing:
            for name, rows in narrowing.inputs.items():
                self._session.lend(name, rows)
            for statement in narrowing.views:
                self._publish_what_stands_in(statement)
                self._session.execute(statement, {})

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def run(
        self, query: NamedQuery, params: Mapping[str, Any] | None = None, inputs: Mapping[str, pa.Table] | None = None
    ) -> pa.Table:
        """Return the rows of a named query.

        Args:
            query: the query; every parameter of its header must be given.
            params: ``{name: value}``, bound, never written into the text.
            inputs: rows of this process that the query names under ``inputs``, ``{name: rows}``.

        Raises:
            LakeIsDamaged: a file that the query reads is not what was written.
            QueryFailed: the engine refused it; the message holds the SQL.
            EngineLacksWords: the engine would refuse it, or answer otherwise than the others.
            ValueError: parameters or inputs are not those of the header.
        """
        given, lent = dict(params or {}), dict(inputs or {})
        if set(given) != set(query.params) or set(lent) != set(query.inputs):
            expected = f"{sorted(query.params)} and inputs {sorted(query.inputs)}"
            raise ValueError(f"{query.name} takes {expected}, not {sorted(given)} and {sorted(lent)}")
        with self._lent(lent):
            return self.execute(query.sql, given)

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """Return the rows of SQL text that the code wrote, in DuckDB's dialect; values only as bound parameters.

        Raises:
            QueryFailed: the engine refused it; the message holds the SQL.
            EngineLacksWords: the engine would refuse it, or answer otherwise than the others.
        """
        bound = dict(params or {})
        require_words(sql, self.dialect)
        try:
            self._publish_what_stands_in(sql)
            return self._session.execute(sql, bound)
        except self.dialect.errors as error:
            raise QueryFailed(sql=sql, params=bound, reason=str(error)) from error

    def batches(self, query: NamedQuery, params: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a named query some at a time, so that they are never all in memory.

        Args:
            query: the query; every parameter of its header must be given; it takes no inputs.
            params: ``{name: value}``, bound, never written into the text.

        Raises:
            LakeIsDamaged: a file that the query reads is not what was written.
            QueryFailed: the engine refused it; the message holds the SQL.
            EngineLacksWords: the engine would refuse it, or answer otherwise than the others.
            ValueError: parameters are not those of the header.
        """
        given = dict(params)
        if set(given) != set(query.params) or query.inputs:
            raise ValueError(f"{query.name} takes {sorted(query.params)}, not {sorted(given)}")
        require_words(query.sql, self.dialect)
        try:
            self._publish_what_stands_in(query.sql)
            yield from self._session.batches(query.sql, given)
        except self.dialect.errors as error:
            raise QueryFailed(sql=query.sql, params=given, reason=str(error)) from error

    @property
    def memory_bytes(self) -> int:
        """What the engine may hold within this process; 0: it works elsewhere."""
        return self._session.memory_bytes

    def close(self) -> None:
        """Give the engine's memory and files back."""
        self._session.close()

    def _publish_what_stands_in(self, sql: str) -> None:
        """Make the tables readable whose names stand in the text: opening all files of the lake takes longer than most queries.

        Raises:
            LakeIsDamaged: a file is not what was written.
        """
        for name in self._unread.keys() & set(_WORD.findall(sql)):
            table = self._unread.pop(name)
            for file in self.snapshot.manifests[table].partitions.values():
                check_file(self.snapshot.root, file)
            files = [str(path) for path in self.snapshot.paths_of(table)]
            self._session.publish(name, files, schema_of(self.snapshot.manifests[table].columns))

    @contextmanager
    def _lent(self, tables: Mapping[str, pa.Table]) -> Iterator[None]:
        for name, rows in tables.items():
            self._session.lend(name, rows)
        try:
            yield
        finally:
            for name in tables:
                self._session.take_back(name)
