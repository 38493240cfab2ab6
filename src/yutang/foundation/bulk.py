"""Set-based writing that the ORM has no words for, the same on SQLite and PostgreSQL.

Everything here runs in the caller's transaction. Table and column names come from the code, never from input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, models

_NAME = re.compile(r"^[a-z_][a-z0-9_]*$")
_serial = count(1)

#: Rows of one INSERT statement on SQLite; more bring nothing (measured: 15 % less time than one by one).
_ROWS_A_STATEMENT = 32

#: Both databases take some ten thousand values in one statement.
_NEW_ROWS_A_STATEMENT = 500

#: Tables that PostgreSQL keeps in parts by their keys; rooms add theirs.
IN_PARTS_BY_KEY: set[str] = set()

#: Column types of key tables, by database.
_TYPES = {
    "sqlite": {
        "int": "INTEGER",
        "float": "REAL",
        "text": "TEXT",
        "bytes": "BLOB",
        "instant": "TEXT",
        "date": "TEXT",
        "bool": "BOOL",
        "json": "TEXT",
    },
    "postgresql": {
        "int": "BIGINT",
        "float": "DOUBLE PRECISION",
        "text": "TEXT",
        "bytes": "BYTEA",
        "instant": "TIMESTAMPTZ",
        "date": "DATE",
        "bool": "BOOLEAN",
        "json": "JSONB",
    },
}
#: Kind of key-table column that fits a model's field; all others are whole numbers.
_KINDS = {
    "DateTimeField": "instant",
    "DateField": "date",
    "FloatField": "float",
    "BooleanField": "bool",
    "BinaryField": "bytes",
    "CharField": "text",
    "TextField": "text",
    "JSONField": "json",
}


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows at the driver's speed: `executemany` on SQLite, `COPY` on PostgreSQL.

    Args:
        table: table name.
        columns: column names.
        rows: values in the order of the columns, as the driver takes them (see `db_values`).
    """
    target = f"{_quoted(table)} ({', '.join(_quoted(c) for c in columns)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            _insert_many(cursor.connection, target, len(columns), list(rows))


def _insert_many(driver: Any, target: str, width: int, rows: list[Sequence[Any]]) -> None:
    """Insert by statements of many rows: each statement looks up the table's key counter and its constraints once."""
    place = f"({', '.join('?' * width)})"
    whole = len(rows) // _ROWS_A_STATEMENT * _ROWS_A_STATEMENT
    blocks = (tuple(chain.from_iterable(rows[i : i + _ROWS_A_STATEMENT])) for i in range(0, whole, _ROWS_A_STATEMENT))
    driver.executemany(f"INSERT INTO {target} VALUES {', '.join([place] * _ROWS_A_STATEMENT)}", blocks)
    driver.executemany(f"INSERT INTO {target} VALUES {place}", rows[whole:])


def insert_new_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Insert the rows that break no unique constraint, in one statement for some hundreds, and return how many those were.

    One statement needs no transaction around it, and holds the one write lock of SQLite for no longer than it writes.

    Args:
        table: table name.
        columns: column names.
        rows: values in the order of the columns, as the driver takes them.
    """
    target = f"{_quoted(table)} ({', '.join(_quoted(c) for c in columns)})"
    place = f"({', '.join(['%s'] * len(columns))})"
    inserted = 0
    for start in range(0, len(rows), _NEW_ROWS_A_STATEMENT):
        block = rows[start : start + _NEW_ROWS_A_STATEMENT]
        places = ", ".join([place] * len(block))
        inserted += execute(
            f"INSERT INTO {target} VALUES {places} ON CONFLICT DO NOTHING", [*chain.from_iterable(block)]
        )
    return inserted


def insert_few(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert some rows by statements of many, and return their keys in the order of the rows; a unique constraint refuses.

    For the handful of rows of one change: neither the ORM's making of a statement, nor a statement for each row.

    Args:
        table: table name.
        columns: column names.
        rows: values in the order of the columns, as the driver takes them.
    """
    target = f"{_quoted(table)} ({', '.join(_quoted(c) for c in columns)})"
    place = f"({', '.join(['%s'] * len(columns))})"
    keys: list[int] = []
    for start in range(0, len(rows), _NEW_ROWS_A_STATEMENT):
        block = rows[start : start + _NEW_ROWS_A_STATEMENT]
        places = ", ".join([place] * len(block))
        values = [*chain.from_iterable(block)]
        # Keys are given out in the order of the rows; the order in which they are told is not promised.
        keys += sorted(int(key) for (key,) in fetch(f"INSERT INTO {target} VALUES {places} RETURNING id", values))
    return keys


def update_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Update rows by primary key: each row is the values of the columns and, last, the id."""
    if not rows:
        return
    with key_table(
        [("id", "int"), *[(c, _any_type(table, c)) for c in columns]], [(r[-1], *r[:-1]) for r in rows]
    ) as keys:
        assignments = ", ".join(f"{_quoted(c)} = {keys}.{c}" for c in columns)
        among, ids = _among(table, [r[-1] for r in rows])
        execute(f"UPDATE {_quoted(table)} SET {assignments} FROM {keys} WHERE {table}.id = {keys}.id{among}", ids)


def delete_rows(table: str, ids: Sequence[int]) -> int:
    """Delete rows by primary key and return how many there were."""
    if not ids:
        return 0
    with key_table([("id", "int")], [(i,) for i in ids]) as keys:
        among, values = _among(table, ids)
        return execute(f"DELETE FROM {_quoted(table)} WHERE id IN (SELECT id FROM {keys}){among}", values)


def _among(table: str, ids: Sequence[int]) -> tuple[str, list[Any]]:
    """Return a condition that names the keys of rows once more, and its values, for a table that is kept in parts by its keys.

    Of a join alone PostgreSQL does not know which parts it needs, and reads all of them.
    """
    if table in IN_PARTS_BY_KEY and connection.vendor == "postgresql":
        return f" AND {table}.id = ANY(%s)", [list(ids)]
    return "", []


@contextmanager
def key_table(columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Fill a temporary table and give its name, so that a batch is looked up or changed in one statement.

    Args:
        columns: (name, type) with type one of int, float, text, bytes, instant, date, bool, json.
        rows: values in the order of the columns.
    """
    name = f"keys_{next(_serial)}"
    types = _TYPES[connection.vendor]
    body = ", ".join(f"{_quoted(column)} {types[kind]}" for column, kind in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({body})")
        insert_rows(name, [c for c, _ in columns], rows)
        if connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE {name}")
        yield name
        # After an error the table goes with the transaction; dropping it in a broken one would hide the error.
        cursor.execute(f"DROP TABLE {name}")


def looked_up(table: str, alias: str, condition: str) -> str:
    """Return a join with the rows of a table that are looked up by an index, for one row of the statement after the other.

    PostgreSQL would weigh other ways by what it knows of the table. Of one that is being filled it knows nothing yet, or what was before,
    and then holds every row against every other; of one in many parts it reckons with a look into each.

    Args:
        table: the table.
        alias: its name in the statement.
        condition: what an index of the table answers; names the table by its alias.
    """
    if connection.vendor == "postgresql":
        return f"CROSS JOIN LATERAL (SELECT * FROM {table} {alias} WHERE {condition} OFFSET 0) {alias}"
    return f"JOIN {table} {alias} ON {condition}"


def can_attach() -> bool:
    """Return whether `attached` works here: on SQLite, outside of a transaction."""
    return connection.vendor == "sqlite" and not connection.in_atomic_block


@contextmanager
def attached(path: Path) -> Iterator[str]:
    """Let statements read the tables of another SQLite file, and give the name before their names: ``name.table``."""
    name = f"file_{next(_serial)}"
    execute(f"ATTACH DATABASE %s AS {name}", [str(path)])
    try:
        yield name
    finally:
        execute(f"DETACH DATABASE {name}")


def fetch(sql: str, parameters: Sequence[Any] = (), *, often: bool = False) -> list[tuple[Any, ...]]:
    """Return all rows of a query; places are ``%s``.

    Args:
        sql: the query.
        parameters: values of its places.
        often: it is asked so often that PostgreSQL is to plan it once a connection, and not each time.
    """
    with _cursor(often=often) as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


def execute(sql: str, parameters: Sequence[Any] = (), *, often: bool = False) -> int:
    """Run one statement and return how many rows it changed; places are ``%s``; ``often`` as in `fetch`."""
    with _cursor(often=often) as cursor:
        cursor.execute(sql, list(parameters))
        return int(cursor.rowcount)


def _cursor(*, often: bool) -> Any:
    """Return a cursor; for what is asked often one that hands values over beside the statement, so that the driver keeps its plan."""
    if not often or connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.ensure_connection()
    with connection.wrap_database_errors:
        return connection._prepare_cursor(ServerBindingCursor(connection.connection))  # type: ignore[attr-defined,call-arg]


def next_ids(model: type[models.Model], n: int) -> Sequence[int]:
    """Reserve n primary keys of a model, ascending, so that children can be written in the same pass.

    On SQLite the caller holds the write lock (IMMEDIATE transactions) and AUTOINCREMENT's counter is moved on; on
    PostgreSQL they are drawn from the sequence. A key is never used twice, also after an undo.
    """
    table = model._meta.db_table
    if n == 0:
        return range(0)
    if connection.vendor == "postgresql":
        return [
            i
            for (i,) in fetch(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, n]
            )
        ]
    if execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", [n, table]) == 0:
        execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, n])
    last = fetch("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])[0][0]
    return range(last - n + 1, last + 1)


def db_instant(value: Any) -> Any:
    """Return an aware UTC instant as the driver stores it where the ORM does not convert (text on SQLite)."""
    return connection.ops.adapt_datetimefield_value(value) if value is not None else None


def aware_instant(value: Any) -> datetime | None:
    """Return an instant that the driver gave where the ORM does not convert: SQLite's are without a zone."""
    if value is None:
        return None
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def one_at_a_time(work: str) -> None:
    """Wait until no other transaction does the same work, to the end of this one.

    PostgreSQL takes an advisory lock. On SQLite every writing transaction holds the one write lock already.
    """
    if connection.vendor == "postgresql":
        fetch("SELECT pg_advisory_xact_lock(hashtext(%s))", [work])


def stores_instants_as_text() -> bool:
    """Return whether the database keeps instants as text without a zone (SQLite)."""
    return connection.vendor == "sqlite"


def instants(column: pa.ChunkedArray | pa.Array) -> list[str | None]:
    """Return UTC instants, to the second, as text that the database takes as the ORM stores them."""
    text = pc.cast(pc.cast(column, pa.timestamp("s"), safe=False), pa.string())
    if not stores_instants_as_text():
        text = pc.binary_join_element_wise(text, "+00", "")
    values: list[str | None] = text.to_pylist()
    return values


def _any_type(table: str, column: str) -> str:
    """Return the key-table type that fits a column of one of our models."""
    return _KINDS.get(_field_types(table)[column], "int")


def _field_types(table: str) -> dict[str, str]:
    from django.apps import apps

    for model in apps.get_models():
        if model._meta.db_table == table:
            return {str(f.column): f.get_internal_type() for f in model._meta.concrete_fields}
    raise ValueError(f"no model has the table {table!r}")


def _quoted(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not a plain SQL name")
    return f'"{name}"'
