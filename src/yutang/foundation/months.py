"""Tables that PostgreSQL keeps in one part for each month of a day: made by month, made ahead, and let go by whole months.

On SQLite, and before `keep_by_month`, such a table is an ordinary one. A unique constraint of PostgreSQL holds within one part only,
so that what tells rows apart is kept in a narrow table beside it, ``NAME_once``, which a trigger of the database fills and asks: a
row that is known is not kept again, whoever writes it and however. Table and column names come from the code, never from input.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction

from yutang.foundation.bulk import execute, fetch

#: Months that lie ready after the present one.
AHEAD = 3
#: Months back to which strays get parts; what is older, such as what clocks that were never set say, stays among the strays.
BACK = 120
#: Rows that are read, moved or deleted in one transaction.
ROWS = 20_000
#: So long a change of the parts waits for who reads or writes before it lets them go first, and how often it comes again.
#: After a second of waiting PostgreSQL looks whether two wait for each other, and ends the one that looked: that must not be somebody else.
_LOCK_WAIT, _TRIES, _PAUSE_SECONDS = "400ms", 60, 1.0
#: Days before a month in which the rows of an installation that lives are cut off from it: the switch may take until then.
_SLACK = timedelta(days=7)

Run = Callable[[str], object]


@dataclass(frozen=True)
class MonthlyTable:
    """A table that may be kept by month.

    Attributes:
        name: its name.
        day: column of the day by whose month it is kept.
        once_by: columns that tell its rows apart over all months.
        constraint: unique constraint that does so where the table is an ordinary one.
    """

    name: str
    day: str
    once_by: tuple[str, ...]
    constraint: str

    @property
    def once(self) -> str:
        """Name of the table of what is known."""
        return f"{self.name}_once"

    @property
    def strays(self) -> str:
        """Name of the part for rows of no month that there is."""
        return f"{self.name}_strays"

    @property
    def history(self) -> str:
        """Name of the part that holds the rows of before the table was kept by month."""
        return f"{self.name}_history"


@dataclass(frozen=True)
class Part:
    """A part of a table.

    Attributes:
        name: of its own table.
        begins: first day; None where it begins with the first row, and for strays.
        ends: day after the last one; None for strays.
    """

    name: str
    begins: date | None
    ends: date | None

    @classmethod
    def read(cls, name: str, bound: str) -> Part:
        """Return a part of which PostgreSQL says ``FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')``, or ``DEFAULT``."""
        if bound == "DEFAULT":
            return cls(name, None, None)
        begins, ends = bound.removeprefix("FOR VALUES FROM (").removesuffix(")").split(") TO (")
        first = None if begins == "MINVALUE" else date.fromisoformat(begins.strip("'"))
        return cls(name, first, date.fromisoformat(ends.strip("'")))


def month_of(day: date) -> date:
    """Return the first day of a month."""
    return day.replace(day=1)


def months_on(month: date, n: int) -> date:
    """Return the first day of the month that lies so many after another, or before it."""
    number = month.year * 12 + month.month - 1 + n
    return date(number // 12, number % 12 + 1, 1)


def is_kept_by_month(table: MonthlyTable) -> bool:
    """Return whether the store keeps a table by month."""
    return is_in_parts(table.name)


def parts_of(table: MonthlyTable) -> list[Part]:
    """Return the parts of a table, the strays last."""
    rows = fetch(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = to_regclass(%s)",
        [table.name],
    )
    parts = [Part.read(name, bound) for name, bound in rows]
    return sorted(parts, key=lambda part: (part.ends or date.max, part.name))


def keep_by_month(table: MonthlyTable, *, today: date) -> None:
    """Turn an ordinary table of PostgreSQL into one that is kept by month, while others read and write it.

    Rows that there are become one part without being moved: what tells them apart is written down first, in small transactions, their
    days are proved without a lock, and the switch itself only changes names. Cut off anywhere, it is called again and goes on.
    """
    if is_kept_by_month(table):
        return
    _make_once(table)
    # Rows that come from here on are written down as they come.
    patiently(lambda: _watch(table))
    _write_down(table)
    boundary = _boundary(table, today)
    _prove_days(table, boundary)
    patiently(lambda: _switch(table, boundary, today=today))


def make_months(table: MonthlyTable, *, today: date) -> list[str]:
    """Make the parts of the present month, of those ahead, and of months of which strays are there; return the new ones."""
    wanted = {months_on(month_of(today), n) for n in range(AHEAD + 1)}
    strays = f"SELECT DISTINCT date_trunc('month', {table.day})::date FROM {table.strays} WHERE {table.day} >= %s"
    wanted |= {month for (month,) in fetch(strays, [months_on(month_of(today), -BACK)])}
    made = []
    for month in missing_months(wanted, parts_of(table)):
        patiently(lambda month=month: _make_month(table, month))  # type: ignore[misc]
        made.append(part_name(table.name, month))
    return made


def missing_months(wanted: Iterable[date], parts: Sequence[Part]) -> list[date]:
    """Return those of some months that no part holds, in their order."""
    held = [part for part in parts if part.ends is not None]
    return sorted(
        month
        for month in wanted
        if not any((part.begins is None or part.begins <= month) and month < part.ends for part in held)  # type: ignore[operator]
    )


def let_go_of_parts(table: MonthlyTable, *, before: date, told: Callable[[Part], None]) -> list[Part]:
    """Drop the parts that end before or on a day, each in a transaction in which ``told`` is called before; return them.

    Reading and writing wait for the moment in which a part is taken out.
    """
    over = [part for part in parts_of(table) if part.ends is not None and part.ends <= before]
    for part in over:
        patiently(lambda part=part: _let_go(table, part, told))  # type: ignore[misc]
    return over


def forget_rows(table: MonthlyTable, *, before: date) -> int:
    """Delete some rows of before a day, at most so many as fit one transaction, and return how many those were."""
    return execute(
        f"DELETE FROM {table.name} WHERE {table.day} < %s AND id IN"
        f" (SELECT id FROM {table.name} WHERE {table.day} < %s ORDER BY id LIMIT {ROWS})",
        [before.isoformat()] * 2,
    )


def forget_what_was_known(table: MonthlyTable, *, before: date) -> int:
    """Delete what tells rows of before a day apart, some at once, and return how many those were; the rows are gone already."""
    return execute(
        f"DELETE FROM {table.once} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table.once} WHERE {table.day} < %s LIMIT {ROWS}))",
        [before.isoformat()],
    )


def make_empty_month(run: Run, name: str, month: date) -> None:
    """Make a part that holds nothing yet, by whatever runs a statement; there must be no strays of the month."""
    part = part_name(name, month)
    run(f"CREATE TABLE {part} (LIKE {name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    run(f"ALTER TABLE {part} ADD PRIMARY KEY (id)")
    run(f"ALTER TABLE {name} ATTACH PARTITION {part} FOR VALUES FROM ('{month}') TO ('{months_on(month, 1)}')")


def patiently(change: Callable[[], None]) -> None:
    """Make a change of the parts in a transaction; who reads or writes for longer goes first, and it is tried again.

    Raises:
        OperationalError: the table was in use at every try.
    """
    for left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                execute(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'")
                change()
            return
        except OperationalError as error:
            if left == 0 or getattr(error.__cause__, "sqlstate", "") not in {"55P03", "57014", "40P01"}:
                raise
            time.sleep(_PAUSE_SECONDS)


@dataclass(frozen=True)
class Shape:
    """What an ordinary table has that the one in its place is to have too.

    Attributes:
        indexes: name and definition of each that is not unique.
        references: name and definition of each reference to another table.
    """

    indexes: tuple[tuple[str, str], ...]
    references: tuple[tuple[str, str], ...]


def is_in_parts(name: str) -> bool:
    """Return whether the store keeps a table in parts."""
    if connection.vendor != "postgresql":
        return False
    return fetch("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)", [name]) == [(True,)]


def types_of(name: str) -> dict[str, str]:
    """Return the type of each column of a table, as PostgreSQL writes it."""
    return dict(
        fetch(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0"
            " AND NOT attisdropped",
            [name],
        )
    )


def shape_of(name: str) -> Shape:
    """Return the shape of a table."""
    indexes = fetch(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = to_regclass(%s) AND NOT i.indisunique ORDER BY 1",
        [name],
    )
    references = fetch(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass(%s) AND contype = 'f' ORDER BY 1",
        [name],
    )
    return Shape(tuple(indexes), tuple(references))


def take_shape(name: str, shape: Shape) -> None:
    """Make indexes and references of the table that was there before on the one in its place; those of before get other names."""
    for index, definition in shape.indexes:
        execute(f'ALTER INDEX "{index}" RENAME TO "{index[:50]}_history"')
        # The definition names the schema and the table as they were.
        execute(definition)
    for rule, definition in shape.references:
        execute(f'ALTER TABLE {name} ADD CONSTRAINT "{rule}" {definition}')


def lock_together(name: str, *, referred: str) -> None:
    """Lock what a table refers to, and then the table for itself alone, before either is changed: all, or none within `_LOCK_WAIT` each.

    Args:
        name: the table.
        referred: mode in which the other tables are locked; what makes a reference needs ``SHARE ROW EXCLUSIVE``, what drops one
            ``ACCESS EXCLUSIVE``.
    """
    lock_referred(name, mode=referred)
    _lock([name], "ACCESS EXCLUSIVE")


def lock_referred(name: str, *, mode: str) -> None:
    """Lock the tables to which a table refers."""
    found = fetch(
        "SELECT DISTINCT confrelid::regclass::text FROM pg_constraint WHERE conrelid = to_regclass(%s) AND contype = 'f' ORDER BY 1",
        [name],
    )
    if found:
        _lock([referred for (referred,) in found], mode)


def _lock(tables: Sequence[str], mode: str) -> None:
    # For all of them together, where a timeout of locks would hold for each.
    execute(f"SET LOCAL statement_timeout = '{_LOCK_WAIT}'")
    execute(f"LOCK TABLE {', '.join(tables)} IN {mode} MODE")
    execute("SET LOCAL statement_timeout TO DEFAULT")


def make_function(name: str, body: str) -> None:
    """Make a function of triggers anew."""
    execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")


def part_name(name: str, month: date) -> str:
    """Return the name of the part of a month."""
    return f"{name}_{month:%Y_%m}"


def _make_once(table: MonthlyTable) -> None:
    types = types_of(table.name)
    columns = ", ".join(f"{name} {types[name]} NOT NULL" for name in table.once_by)
    key = ", ".join(table.once_by)
    execute(f"CREATE TABLE IF NOT EXISTS {table.once} ({columns}, {table.day} date, PRIMARY KEY ({key}))")
    # Days follow each other in it, so that a few pages of the index lead to what is over.
    execute(
        f"CREATE INDEX IF NOT EXISTS {table.once}_day ON {table.once} USING brin ({table.day}) WITH (pages_per_range = 32)"
    )
    note = f"INSERT INTO {table.once} ({key}, {table.day}) VALUES ({', '.join('NEW.' + name for name in table.once_by)}, NEW.{table.day})"
    make_function(f"{table.name}_notes", f"{note} ON CONFLICT DO NOTHING; RETURN NEW;")
    make_function(
        f"{table.name}_keeps", f"{note} ON CONFLICT DO NOTHING; IF NOT FOUND THEN RETURN NULL; END IF; RETURN NEW;"
    )
    gone = " AND ".join(f"o.{name} = gone.{name}" for name in table.once_by)
    make_function(f"{table.name}_forgets", f"DELETE FROM {table.once} o USING gone WHERE {gone}; RETURN NULL;")
    make_function(f"{table.name}_empties", f"TRUNCATE {table.once}; RETURN NULL;")
    make_function(
        f"{table.name}_stays",
        f"RAISE EXCEPTION 'the {table.day} of a row of {table.name} does not change' USING ERRCODE = '23000';",
    )


def _watch(table: MonthlyTable) -> None:
    execute(
        f"CREATE OR REPLACE TRIGGER {table.name}_notes AFTER INSERT ON {table.name}"
        f" FOR EACH ROW EXECUTE FUNCTION {table.name}_notes()"
    )


def _write_down(table: MonthlyTable) -> None:
    """Write down what tells the rows apart that there are."""
    ((lowest, highest),) = fetch(f"SELECT min(id), max(id) FROM {table.name}")
    columns = ", ".join((*table.once_by, table.day))
    for first in range(lowest, highest + 1, ROWS) if highest is not None else ():
        execute(
            f"INSERT INTO {table.once} ({columns}) SELECT {columns} FROM {table.name} WHERE id >= %s AND id < %s"
            " ON CONFLICT DO NOTHING",
            [first, first + ROWS],
        )


def _boundary(table: MonthlyTable, today: date) -> date:
    """Return the first day of the first month that gets a part of its own: no row lies behind it, nor will before the switch."""
    ((last,),) = fetch(f"SELECT max({table.day}) FROM {table.name}")
    return months_on(month_of(max(today + _SLACK, last or today)), 1)


def _prove_days(table: MonthlyTable, boundary: date) -> None:
    """Let the table say that every row lies before a day, so that the switch need not look at each; nobody waits."""
    rule = f"{table.name}_history_days"
    patiently(lambda: _say_days(table, rule, boundary))
    execute(f"ALTER TABLE {table.name} VALIDATE CONSTRAINT {rule}")


def _say_days(table: MonthlyTable, rule: str, boundary: date) -> None:
    execute(f"ALTER TABLE {table.name} DROP CONSTRAINT IF EXISTS {rule}")
    holds = f"{table.day} IS NOT NULL AND {table.day} < '{boundary}'"
    execute(f"ALTER TABLE {table.name} ADD CONSTRAINT {rule} CHECK ({holds}) NOT VALID")


def _switch(table: MonthlyTable, boundary: date, *, today: date) -> None:
    """Put a table that is kept by month in the place of the ordinary one, which becomes its first part; only names change."""
    name, history = table.name, table.history
    lock_together(name, referred="SHARE ROW EXCLUSIVE")
    ((is_empty, next_id),) = fetch(
        f"SELECT NOT EXISTS (SELECT 1 FROM {name}), nextval(pg_get_serial_sequence('{name}', 'id'))"
    )
    shape = shape_of(name)
    execute(f"DROP TRIGGER {name}_notes ON {name}")
    execute(f"ALTER TABLE {name} RENAME TO {history}")
    execute(f"ALTER TABLE {history} DROP CONSTRAINT IF EXISTS {table.constraint}")
    execute(f"ALTER TABLE {history} ALTER COLUMN id DROP IDENTITY IF EXISTS")
    execute(f"ALTER INDEX {name}_pkey RENAME TO {history}_pkey")
    execute(f"CREATE TABLE {name} (LIKE {history} INCLUDING DEFAULTS) PARTITION BY RANGE ({table.day})")
    execute(f"CREATE SEQUENCE {name}_id_seq AS bigint START {next_id} OWNED BY {name}.id")
    execute(f"ALTER TABLE {name} ALTER COLUMN id SET DEFAULT nextval('{name}_id_seq')")
    take_shape(name, shape)
    if is_empty:
        execute(f"DROP TABLE {history}")
    else:
        execute(f"ALTER TABLE {name} ATTACH PARTITION {history} FOR VALUES FROM (MINVALUE) TO ('{boundary}')")
        execute(f"ALTER TABLE {history} DROP CONSTRAINT {name}_history_days")
    execute(f"CREATE TABLE {table.strays} (LIKE {name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    execute(f"ALTER TABLE {table.strays} ADD PRIMARY KEY (id)")
    execute(f"ALTER TABLE {name} ATTACH PARTITION {table.strays} DEFAULT")
    for month in missing_months({months_on(month_of(today), n) for n in range(AHEAD + 1)}, parts_of(table)):
        make_empty_month(execute, name, month)
    _guard(table)


def _guard(table: MonthlyTable) -> None:
    """Let the database hold over all months what a unique constraint holds within one."""
    name = table.name
    execute(f"CREATE TRIGGER {name}_keeps BEFORE INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION {name}_keeps()")
    # A row that went to another part would be taken for one that is known there.
    execute(
        f"CREATE TRIGGER {name}_stays BEFORE UPDATE OF {table.day} ON {name} FOR EACH ROW"
        f" WHEN (OLD.{table.day} IS DISTINCT FROM NEW.{table.day}) EXECUTE FUNCTION {name}_stays()"
    )
    execute(
        f"CREATE TRIGGER {name}_forgets AFTER DELETE ON {name} REFERENCING OLD TABLE AS gone"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}_forgets()"
    )
    execute(
        f"CREATE TRIGGER {name}_empties AFTER TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION {name}_empties()"
    )
    for trigger in ("forgets", "empties"):
        execute(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {name}_{trigger}")


def _make_month(table: MonthlyTable, month: date) -> None:
    """Make a part, and bring the strays of its month into it; who writes strays waits, who reads does not until the end."""
    part, ends = part_name(table.name, month), months_on(month, 1)
    execute(f"LOCK TABLE {table.strays} IN SHARE ROW EXCLUSIVE MODE")
    is_strayed = fetch(
        f"SELECT 1 FROM {table.strays} WHERE {table.day} >= %s AND {table.day} < %s LIMIT 1", [month, ends]
    )
    if not is_strayed:
        make_empty_month(execute, table.name, month)
        return
    execute(f"CREATE TABLE {part} (LIKE {table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    execute(
        f"WITH moved AS (DELETE FROM {table.strays} WHERE {table.day} >= %s AND {table.day} < %s RETURNING *)"
        f" INSERT INTO {part} SELECT * FROM moved",
        [month, ends],
    )
    execute(f"ALTER TABLE {part} ADD PRIMARY KEY (id)")
    _make_indexes(table.name, part)
    holds = f"{table.day} IS NOT NULL AND {table.day} >= '{month}' AND {table.day} < '{ends}'"
    execute(f"ALTER TABLE {part} ADD CONSTRAINT {part}_days CHECK ({holds})")
    execute(f"ALTER TABLE {table.name} ATTACH PARTITION {part} FOR VALUES FROM ('{month}') TO ('{ends}')")
    execute(f"ALTER TABLE {part} DROP CONSTRAINT {part}_days")


def _make_indexes(name: str, part: str) -> None:
    """Make the indexes of a table on what becomes its part, before anybody waits for it."""
    found: list[tuple[Any, ...]] = fetch(
        "SELECT pg_get_indexdef(i.indexrelid), row_number() OVER (ORDER BY i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = to_regclass(%s)",
        [name],
    )
    for definition, number in found:
        _head, _on, rest = str(definition).partition(" USING ")
        execute(f"CREATE INDEX {part}_{number} ON {part} USING {rest}")


def _let_go(table: MonthlyTable, part: Part, told: Callable[[Part], None]) -> None:
    told(part)
    lock_together(table.name, referred="ACCESS EXCLUSIVE")
    execute(f"ALTER TABLE {table.name} DETACH PARTITION {part.name}")
    execute(f"DROP TABLE {part.name}")
