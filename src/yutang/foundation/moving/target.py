"""The database to move to: what was moved so far is kept in it, in the transaction that moved it."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from yutang.foundation.months import Part, make_empty_month, missing_months
from yutang.foundation.moving.digests import Sum
from yutang.foundation.moving.refusals import (
    RowCannotMove,
    TargetHoldsOtherRows,
    TargetIsBeingFilled,
    TargetIsLost,
    TargetIsMissing,
    TargetIsNoPostgresql,
    TargetIsNotInUnicode,
    TargetIsOutOfReach,
)
from yutang.foundation.moving.source import Batch
from yutang.foundation.moving.tables import MovedTable

#: No row has this number; negative ones there are.
BEFORE_ALL = -(2**63)
#: Any number: one move at a time fills a database.
_LOCK = 7_103_526_411
#: How long the server may take to notice that a killed process has gone. Seconds.
_PATIENCE = 20
#: How PostgreSQL writes values, whatever the server or the account is set to.
_SESSION = (
    "SET TimeZone TO 'UTC'; SET DateStyle TO 'ISO, MDY'; SET bytea_output TO 'hex'; SET client_encoding TO 'UTF8';"
    " SET statement_timeout TO 0; SET idle_in_transaction_session_timeout TO 0; SET maintenance_work_mem TO '256MB';"
    # What is moved and how far it came are one transaction, so a server that falls loses both; the last commit waits for the disk.
    " SET synchronous_commit TO off"
)
_OWN_TABLES = """
    CREATE SCHEMA IF NOT EXISTS yutang_move;
    CREATE TABLE yutang_move.state (source text NOT NULL, begun_at timestamptz NOT NULL, done_at timestamptz);
    CREATE TABLE yutang_move.progress
        (name text PRIMARY KEY, last bigint NOT NULL, rows bigint NOT NULL, digest text NOT NULL);
    CREATE TABLE yutang_move.set_aside
        (place integer NOT NULL, "table" text NOT NULL, rule text NOT NULL, statement text NOT NULL, PRIMARY KEY ("table", rule));
"""
#: What belongs to tables that are kept by month: their parts, and what tells the rows of all parts apart.
_BESIDE = """
    SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND (relispartition OR relname IN
        (SELECT relname || '_once' FROM pg_class WHERE relkind = 'p' AND relnamespace = current_schema()::regnamespace))
"""
#: Constraints and indexes of tables, and what refers to them or to what names their rows, with the place of each in the order of making:
#: references come last.
_RULES = """
    SELECT place, "table", rule, statement, removal FROM (
        SELECT CASE c.contype WHEN 'p' THEN 1 WHEN 'u' THEN 2 ELSE 4 END AS place, r.relname AS "table", c.conname AS rule,
            'ALTER TABLE ' || quote_ident(r.relname) || ' ADD CONSTRAINT ' || quote_ident(c.conname) || ' '
                || pg_get_constraintdef(c.oid) AS statement,
            'ALTER TABLE ' || quote_ident(r.relname) || ' DROP CONSTRAINT ' || quote_ident(c.conname) AS removal
        FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid LEFT JOIN pg_class named ON named.oid = c.confrelid
        WHERE (r.relname = ANY(%(tables)s) OR regexp_replace(named.relname, '_once$', '') = ANY(%(tables)s))
            AND c.contype IN ('p', 'u', 'f') AND c.conparentid = 0
            AND r.relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT 3, r.relname, n.relname, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '), 'DROP INDEX ' || quote_ident(n.relname)
        FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid
        WHERE r.relname = ANY(%(tables)s) AND r.relnamespace = current_schema()::regnamespace
            AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
    ) AS rules ORDER BY place DESC, "table", rule
"""
#: What migrations and a first look fill by themselves; the rows of the source take their place.
_MAY_HOLD_ROWS = ("django_migrations", "django_content_type", "auth_permission")
_KEYS_ONLY = "foundation_setting"
_LINE_OF_A_COPY = re.compile(r"COPY \w+, line (\d+)")


@dataclass(frozen=True)
class State:
    """A move that was begun.

    Attributes:
        source: what tells the store and its version from another one.
        begun_at: when it was begun; the audit trail of its source has an entry of that very moment.
        done_at: when it was finished; None as long as it is not.
    """

    source: str
    begun_at: datetime
    done_at: datetime | None


@dataclass(frozen=True)
class Progress:
    """How far a table came.

    Attributes:
        last: number of the last row that was moved, in the source; `BEFORE_ALL` where none was.
        sum: of the rows moved.
    """

    last: int
    sum: Sum


@dataclass(frozen=True)
class Rule:
    """A constraint or an index that waits for the rows.

    Attributes:
        table: its table.
        name: its name.
        statement: what makes it.
    """

    table: str
    name: str
    statement: str


class Target:
    """A session on the database to move to; use as a context manager.

    Raises:
        TargetIsNoPostgresql: the address is none.
        TargetIsMissing: the server has no such database.
        TargetIsOutOfReach: it does not answer or does not let us in.
        TargetIsLost: it went away in between.
        TargetIsNotInUnicode: it cannot hold every name.
        TargetIsBeingFilled: another process moves into it.
    """

    def __init__(self, address: str) -> None:
        try:
            self._session = psycopg.connect(address, autocommit=True, application_name="yutang move")
        except psycopg.ProgrammingError as error:
            raise TargetIsNoPostgresql from error
        except psycopg.OperationalError as error:
            if name := _missing_database(address):
                raise TargetIsMissing(name=name) from error
            raise TargetIsOutOfReach(detail=_first_line(error)) from error
        try:
            self._prepare()
        except BaseException:
            self._session.close()
            raise

    def __enter__(self) -> Target:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        is_lost = self._session.closed
        self._session.close()
        if isinstance(error, psycopg.OperationalError) and is_lost:
            raise TargetIsLost(detail=_first_line(error)) from error

    def _prepare(self) -> None:
        ((encoding,),) = self.fetch("SHOW server_encoding")
        if encoding != "UTF8":
            raise TargetIsNotInUnicode(encoding=encoding)
        self.run(_SESSION)
        self.run(f"SET lock_timeout TO '{_PATIENCE}s'")
        try:
            self.fetch("SELECT pg_advisory_lock(%s)", [_LOCK])
        except psycopg.errors.LockNotAvailable as error:
            raise TargetIsBeingFilled from error
        self.run("SET lock_timeout TO 0")

    def fetch(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self._session.execute(sql.encode(), parameters).fetchall()

    def run(self, sql: str, parameters: Any = None) -> None:
        """Run a statement, or several without parameters."""
        self._session.execute(sql.encode(), parameters)

    def transaction(self) -> AbstractContextManager[Any]:
        """Return what makes one transaction of a block."""
        return self._session.transaction()

    def state(self) -> State | None:
        """Return how a move into this database stands; None where none was begun."""
        if self.fetch("SELECT to_regclass('yutang_move.state')") == [(None,)]:
            return None
        rows = self.fetch("SELECT source, begun_at, done_at FROM yutang_move.state")
        return State(*rows[0]) if rows else None

    def require_empty(self, tables: Iterable[MovedTable]) -> None:
        """Look whether the database holds nothing but, perhaps, tables of ours without rows.

        Raises:
            TargetHoldsOtherRows: it holds something else.
        """
        beside = {name for (name,) in self.fetch(_BESIDE)}
        ours = {table.name for table in tables} | set(_MAY_HOLD_ROWS)
        found = [
            name
            for (name,) in self.fetch(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')"
                " AND relnamespace = current_schema()::regnamespace ORDER BY relname"
            )
        ]
        strange = [name for name in found if name not in beside and (name not in ours or self._holds_rows(name))]
        if strange:
            raise TargetHoldsOtherRows(tables=", ".join(strange[:5]) + (" …" if len(strange) > 5 else ""))

    def _holds_rows(self, table: str) -> bool:
        if table in _MAY_HOLD_ROWS:
            return False
        but = " WHERE key <> 'foundation.keyring'" if table == _KEYS_ONLY else ""
        return bool(self.fetch(f'SELECT 1 FROM "{table}"{but} LIMIT 1'))

    def begin(self, tables: Sequence[MovedTable], *, source: str, now: datetime) -> None:
        """Empty the tables, set constraints and indexes aside, and write down that a move was begun: all or nothing."""
        names = [table.name for table in tables]
        with self.transaction():
            self.run(_OWN_TABLES)
            with self._session.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO yutang_move.progress VALUES (%s, %s, 0, '0')",
                    [(name, BEFORE_ALL) for name in names],
                )
            self._set_aside(names)
            self.run(f"TRUNCATE {', '.join(_quoted(name) for name in names)}")
            self.run("INSERT INTO yutang_move.state VALUES (%s, %s)", [source, now])

    def day_of_months(self, table: MovedTable) -> str | None:
        """Return the column by whose month a table is kept; None where it is not, or where the months are those of arrival."""
        rows = self.fetch(
            "SELECT a.attname FROM pg_partitioned_table p JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]"
            " WHERE p.partrelid = to_regclass(%s) AND a.atttypid = 'date'::regtype",
            [_quoted(table.name)],
        )
        return str(rows[0][0]) if rows else None

    def make_months(self, table: MovedTable, months: Iterable[date]) -> None:
        """Make the parts of a table for months whose rows are to come, so that none of them strays."""
        bounds = self.fetch(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(%s)",
            [_quoted(table.name)],
        )
        for month in missing_months(months, [Part.read(name, bound) for name, bound in bounds]):
            with self.transaction():
                make_empty_month(self.run, table.name, month)

    def progress(self, table: MovedTable) -> Progress:
        """Return how far a table came."""
        ((last, rows, digest),) = self.fetch(
            "SELECT last, rows, digest FROM yutang_move.progress WHERE name = %s", [table.name]
        )
        return Progress(last, Sum.of(rows, digest))

    def take(self, table: MovedTable, batch: Batch, *, moved: Sum) -> None:
        """Write a batch of rows and how far the table came, in one transaction.

        Raises:
            RowCannotMove: a row does not fit; none of the batch was taken.
        """
        columns = ", ".join(_quoted(column) for column in table.columns)
        try:
            with self.transaction():
                with self._session.cursor().copy(f"COPY {_quoted(table.name)} ({columns}) FROM STDIN".encode()) as copy:
                    for start in range(0, len(batch.lines), 1000):
                        copy.write(b"\n".join(batch.lines[start : start + 1000]) + b"\n")
                self._keep(table, Progress(batch.rows[-1], moved))
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            told = _LINE_OF_A_COPY.search(error.diag.context or "")
            row = batch.rows[int(told.group(1)) - 1] if told else batch.rows[0]
            raise RowCannotMove(table=table.name, row=row, why=why_of(error)) from error

    def forget(self, table: MovedTable) -> None:
        """Empty a table, so that it is moved anew; rules that were made again wait for it once more."""
        with self.transaction():
            self._set_aside([table.name])
            self.run(f"TRUNCATE {_quoted(table.name)}")
            self._keep(table, Progress(BEFORE_ALL, Sum()))

    def count(self, table: MovedTable) -> int:
        """Return how many rows a table has."""
        return int(self.fetch(f"SELECT count(*) FROM {_quoted(table.name)}")[0][0])

    def sum_of(self, table: MovedTable) -> Iterator[Sum]:
        """Read a table back, and yield the sum of what was read so far, now and then and at the end."""
        found, lines = Sum(), []
        with self._reading(f"SELECT {table.read} FROM {_quoted(table.name)}") as rows:
            for line in rows:
                lines.append(line)
                if len(lines) >= 20_000:
                    found.add(lines)
                    lines.clear()
                    yield found
        found.add(lines)
        yield found

    def lines_by_key(self, table: MovedTable) -> Generator[tuple[int, bytes], None, None]:
        """Yield the key and the compared line of each row of a table that numbers its rows, by key."""
        key = _quoted(table.counted or "")
        with self._reading(f"SELECT {key}, {table.read} FROM {_quoted(table.name)} ORDER BY {key}") as rows:
            for line in rows:
                number, _tab, rest = line.partition(b"\t")
                yield int(number), rest

    @contextmanager
    def _reading(self, query: str) -> Iterator[Iterator[bytes]]:
        """Yield the lines of a query, without their ends; they come one by one."""
        with self._session.cursor().copy(f"COPY ({query}) TO STDOUT".encode()) as copy:
            yield (bytes(line)[:-1] for line in copy)

    def rules_set_aside(self) -> list[Rule]:
        """Return the constraints and indexes that wait, in the order in which they are made."""
        sql = 'SELECT "table", rule, statement FROM yutang_move.set_aside ORDER BY place, "table", rule'
        return [Rule(*row) for row in self.fetch(sql)]

    def put_back(self, rule: Rule) -> None:
        """Make a constraint or an index again; a constraint looks at every row."""
        with self.transaction():
            self.run(rule.statement)
            self.run('DELETE FROM yutang_move.set_aside WHERE "table" = %s AND rule = %s', [rule.table, rule.name])

    def count_on(self, table: MovedTable, *, highest: int) -> None:
        """Let the next number that the table gives be higher than every one that was ever given, and none of a month that is over."""
        self.fetch(
            "SELECT setval(seqrelid::regclass, greatest(%s, seqstart - 1, 1)) FROM pg_sequence"
            " WHERE seqrelid = pg_get_serial_sequence(%s, %s)::regclass",
            [highest, _quoted(table.name), table.counted],
        )

    def finish(self, *, now: datetime) -> None:
        """Write down that the move is done, and wait for the disk."""
        self.run("ANALYZE")
        self.run("SET synchronous_commit TO on")
        self.run("UPDATE yutang_move.state SET done_at = %s", [now])

    def _set_aside(self, tables: Sequence[str]) -> None:
        """Take constraints and indexes away, references first, and write down how they are made again."""
        rules = self.fetch(_RULES, {"tables": list(tables)})
        with self._session.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO yutang_move.set_aside VALUES (%s, %s, %s, %s)", [rule[:4] for rule in rules]
            )
        for *_rule, removal in rules:
            self.run(removal)

    def _keep(self, table: MovedTable, progress: Progress) -> None:
        self.run(
            "UPDATE yutang_move.progress SET last = %s, rows = %s, digest = %s WHERE name = %s",
            [progress.last, progress.sum.rows, progress.sum.digest, table.name],
        )


def why_of(error: psycopg.Error) -> str:
    """Return in a few words of the server why it refused; of rows only what the sentence itself names."""
    return (error.diag.message_primary or type(error).__name__)[:200]


def _missing_database(address: str) -> str:
    """Return the name in an address when its server says that it has no such database; empty otherwise.

    The server is asked in another of its databases: the words of a refusal are in whatever language it speaks.
    """
    name = str(conninfo_to_dict(address).get("dbname") or "")
    if not name:
        return ""
    try:
        with psycopg.connect(address, dbname="postgres", connect_timeout=_PATIENCE, autocommit=True) as beside:
            known = beside.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    except psycopg.Error:
        return ""
    return "" if known else name


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().partition("\n")[0]


def _quoted(name: str) -> str:
    return f'"{name}"'
