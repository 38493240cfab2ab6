"""Tables that PostgreSQL keeps in one part for each month in which their rows came, as their keys tell.

The day of such a row may be missing or change, other rows refer to it by its key, and it is found by what names it: none of that knows
a month. So the keys of a month begin where its number tells, and the part of a row is known wherever its key is. What names the rows,
and whatever refers to them, leads to a narrow table over all parts, ``NAME_once``, which triggers of the database keep: another row
of the same name is refused, and nothing that is referred to can go. On SQLite, and before `keep_by_arrival`, such a table is an
ordinary one. Table and column names come from the code, never from input.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from yutang.foundation.bulk import execute, fetch, one_at_a_time
from yutang.foundation.months import (
    AHEAD,
    ROWS,
    is_in_parts,
    lock_referred,
    lock_together,
    make_function,
    month_of,
    months_on,
    part_name,
    patiently,
    shape_of,
    take_shape,
    types_of,
)

#: Keys that a month has for itself: 2 to this power. What a month needs beyond them it takes from the one that follows.
_BITS = 28
#: The month whose keys begin at 0; those of what was there before lie below every month of today.
_FIRST = date(2000, 1, 1)
#: No table begins with an earlier month, whatever a clock says that was never set: its keys would be lower than those of before.
_NOT_BEFORE = date(2026, 1, 1)


@dataclass(frozen=True)
class ArrivingTable:
    """A table that may be kept by the month in which its rows came. Its key is `id`.

    Attributes:
        name: its name.
        named_by: columns that tell its rows apart, and that never change.
        constraint: unique constraint that does so where the table is an ordinary one.
    """

    name: str
    named_by: tuple[str, ...]
    constraint: str

    @property
    def once(self) -> str:
        """Name of the table of what names the rows, with their keys."""
        return f"{self.name}_once"

    @property
    def history(self) -> str:
        """Name of the part whose rows have the keys of before the table was kept by month."""
        return f"{self.name}_history"


@dataclass(frozen=True)
class Part:
    """A part of a table.

    Attributes:
        name: of its own table.
        month: first day of its month; None for the part of before.
    """

    name: str
    month: date | None


def first_key(month: date) -> int:
    """Return the least key of a month, which is that of its first day."""
    return ((month.year - _FIRST.year) * 12 + month.month - _FIRST.month) << _BITS


def month_of_key(key: int) -> date:
    """Return the first day of the month of a key."""
    return months_on(_FIRST, key >> _BITS)


def present_month(table: ArrivingTable) -> date:
    """Return the month whose keys new rows get."""
    ((last, is_given),) = fetch(f"SELECT last_value, is_called FROM {table.name}_id_seq")
    return month_of_key(last + is_given)


def names_of(table: ArrivingTable) -> str:
    """Return the table in which a row's key is found by what names it: the same columns as in the table itself, and `id`."""
    return table.once if connection.vendor == "postgresql" else table.name


def is_kept_by_arrival(table: ArrivingTable) -> bool:
    """Return whether the store keeps a table by the month in which its rows came."""
    return is_in_parts(table.name)


def parts_of(table: ArrivingTable) -> list[Part]:
    """Return the parts of a table, that of before first, and then by month."""
    rows = fetch(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%s)"
        " ORDER BY c.relname = %s DESC, c.relname",
        [table.name, table.history],
    )
    return [Part(name, None if name == table.history else _month_of_part(table, name)) for (name,) in rows]


def keep_by_arrival(table: ArrivingTable, *, today: date) -> None:
    """Turn an ordinary table of PostgreSQL into one that is kept by arrival, while others read and write it.

    Rows that there are become one part without being moved, in small steps: what names them is written down, what refers to them is led
    there, their keys are proved without a lock, and the switch only changes names. Cut off anywhere, it is called again and goes on.
    """
    if is_kept_by_arrival(table):
        return
    _make_once(table)
    # Rows that come, and go, from here on are written down as they do.
    patiently(lambda: _watch(table))
    _write_down(table)
    _lead_references(table)
    month = max(month_of(today), _NOT_BEFORE)
    _prove_keys(table, month)
    patiently(lambda: _switch(table, month))


def make_arrival_months(table: ArrivingTable, *, today: date) -> list[str]:
    """Make the parts of the present month and of those ahead, and let new rows have the keys of the present one; return the new parts."""
    present = month_of(today)
    held = {part.month for part in parts_of(table) if part.month is not None}
    made = []
    for month in (months_on(present, n) for n in range(AHEAD + 1)):
        # What lies before all of them belongs to the part of before, also where a clock goes wrong.
        if month not in held and month > min(held):
            patiently(lambda month=month: _make_month(table, month))  # type: ignore[misc]
            made.append(part_name(table.name, month))
    with transaction.atomic():
        one_at_a_time(f"keys of {table.name}")
        _count_on(table, first_key(present))
    return made


def let_go_of_empty_months(table: ArrivingTable, *, before: date) -> list[str]:
    """Drop the parts of months before a day whose keys are all given and that hold no row any more, and return their names.

    Reading and writing wait for the moment in which a part is taken out.
    """
    ((given,),) = fetch(f"SELECT last_value FROM {table.name}_id_seq")
    gone: list[str] = []
    for part in parts_of(table):
        if part.month is None or (ends := months_on(part.month, 1)) > before or first_key(ends) > given:
            continue
        if not _holds_rows(part):
            patiently(lambda part=part: _let_go(table, part, gone))  # type: ignore[misc]
    return gone


def _month_of_part(table: ArrivingTable, name: str) -> date:
    year, month = name.removeprefix(f"{table.name}_").split("_")
    return date(int(year), int(month), 1)


def _holds_rows(part: Part) -> bool:
    return bool(fetch(f"SELECT 1 FROM {part.name} LIMIT 1"))


def _make_once(table: ArrivingTable) -> None:
    types = types_of(table.name)
    names = ", ".join(table.named_by)
    columns = ", ".join(f"{name} {types[name]} NOT NULL" for name in table.named_by)
    execute(f"CREATE TABLE IF NOT EXISTS {table.once} (id bigint PRIMARY KEY, {columns}, UNIQUE ({names}))")
    name = table.name
    make_function(f"{name}_keeps", f"INSERT INTO {table.once} (id, {names}) SELECT id, {names} FROM came; RETURN NULL;")
    make_function(f"{name}_forgets", f"DELETE FROM {table.once} o USING gone WHERE o.id = gone.id; RETURN NULL;")
    # Not TRUNCATE: others may refer to it, who are emptied by the same statement.
    make_function(f"{name}_empties", f"DELETE FROM {table.once}; RETURN NULL;")
    make_function(
        f"{name}_stays",
        f"RAISE EXCEPTION 'what names a row of {name} does not change' USING ERRCODE = '23000';",
    )


def _watch(table: ArrivingTable) -> None:
    """Let triggers keep the table of names; on an ordinary table, and on one that is kept by month."""
    name = table.name
    whole = f"FOR EACH STATEMENT EXECUTE FUNCTION {name}"
    named = ("id", *table.named_by)
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in named)
    triggers = {
        "keeps": f"AFTER INSERT ON {name} REFERENCING NEW TABLE AS came {whole}_keeps()",
        "forgets": f"AFTER DELETE ON {name} REFERENCING OLD TABLE AS gone {whole}_forgets()",
        "empties": f"AFTER TRUNCATE ON {name} {whole}_empties()",
        "stays": f"BEFORE UPDATE OF {', '.join(named)} ON {name} FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {name}_stays()",
    }
    for trigger, does in triggers.items():
        execute(f"CREATE OR REPLACE TRIGGER {name}_{trigger} {does}")
    for trigger in ("forgets", "empties"):
        execute(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {name}_{trigger}")


def _write_down(table: ArrivingTable) -> None:
    """Write down what names the rows that there are; each is held while it is written, so that none goes meanwhile."""
    ((lowest, highest),) = fetch(f"SELECT min(id), max(id) FROM {table.name}")
    names = ", ".join(table.named_by)
    for first in range(lowest, highest + 1, ROWS) if highest is not None else ():
        execute(
            f"INSERT INTO {table.once} (id, {names}) SELECT id, {names} FROM {table.name} WHERE id >= %s AND id < %s"
            " FOR KEY SHARE ON CONFLICT DO NOTHING",
            [first, first + ROWS],
        )


def _lead_references(table: ArrivingTable) -> None:
    """Let what refers to the table refer to its names instead, each proved while others write."""
    found = fetch(
        "SELECT c.conname, r.relname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
        " WHERE c.confrelid = to_regclass(%s) AND c.contype = 'f' ORDER BY 1",
        [table.name],
    )
    for rule, referring, definition in found:
        led = f"{rule[:55]}_once"
        leads = definition.replace(f" REFERENCES {table.name}(", f" REFERENCES {table.once}(")
        patiently(lambda led=led, referring=referring, leads=leads: _add_unproved(referring, led, leads))  # type: ignore[misc]
        execute(f'ALTER TABLE {referring} VALIDATE CONSTRAINT "{led}"')
        patiently(lambda rule=rule, led=led, referring=referring: _take_place(referring, rule, led))  # type: ignore[misc]


def _add_unproved(referring: str, rule: str, definition: str) -> None:
    execute(f'ALTER TABLE {referring} DROP CONSTRAINT IF EXISTS "{rule}"')
    execute(f'ALTER TABLE {referring} ADD CONSTRAINT "{rule}" {definition} NOT VALID')


def _take_place(referring: str, rule: str, led: str) -> None:
    execute(f'ALTER TABLE {referring} DROP CONSTRAINT "{rule}"')
    execute(f'ALTER TABLE {referring} RENAME CONSTRAINT "{led}" TO "{rule}"')


def _prove_keys(table: ArrivingTable, month: date) -> None:
    """Let the table say that every key lies before those of a month, so that the switch need not look at each; nobody waits."""
    rule = f"{table.name}_history_keys"
    patiently(lambda: _say_keys(table, rule, month))
    execute(f"ALTER TABLE {table.name} VALIDATE CONSTRAINT {rule}")


def _say_keys(table: ArrivingTable, rule: str, month: date) -> None:
    execute(f"ALTER TABLE {table.name} DROP CONSTRAINT IF EXISTS {rule}")
    execute(f"ALTER TABLE {table.name} ADD CONSTRAINT {rule} CHECK (id < {first_key(month)}) NOT VALID")


def _switch(table: ArrivingTable, month: date) -> None:
    """Put a table that is kept by month in the place of the ordinary one, which becomes its first part; only names change."""
    name, history = table.name, table.history
    lock_together(name, referred="SHARE ROW EXCLUSIVE")
    shape = shape_of(name)
    for trigger in ("keeps", "forgets", "empties", "stays"):
        execute(f"DROP TRIGGER {name}_{trigger} ON {name}")
    execute(f"ALTER TABLE {name} RENAME TO {history}")
    execute(f"ALTER TABLE {history} DROP CONSTRAINT {table.constraint}")
    execute(f"ALTER TABLE {history} ALTER COLUMN id DROP IDENTITY IF EXISTS")
    execute(f"ALTER INDEX {name}_pkey RENAME TO {history}_pkey")
    execute(f"CREATE TABLE {name} (LIKE {history} INCLUDING DEFAULTS) PARTITION BY RANGE (id)")
    execute(f"ALTER TABLE {name} ADD CONSTRAINT {name}_pkey PRIMARY KEY (id)")
    execute(f"CREATE SEQUENCE {name}_id_seq AS bigint START {first_key(month)} OWNED BY {name}.id")
    execute(f"ALTER TABLE {name} ALTER COLUMN id SET DEFAULT nextval('{name}_id_seq')")
    take_shape(name, shape)
    execute(f"ALTER TABLE {name} ATTACH PARTITION {history} FOR VALUES FROM (MINVALUE) TO ({first_key(month)})")
    execute(f"ALTER TABLE {history} DROP CONSTRAINT {name}_history_keys")
    for n in range(AHEAD + 1):
        _make_month(table, months_on(month, n))
    _watch(table)


def _make_month(table: ArrivingTable, month: date) -> None:
    lock_referred(table.name, mode="SHARE ROW EXCLUSIVE")
    part = part_name(table.name, month)
    execute(f"CREATE TABLE {part} (LIKE {table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    bounds = f"FROM ({first_key(month)}) TO ({first_key(months_on(month, 1))})"
    execute(f"ALTER TABLE {table.name} ATTACH PARTITION {part} FOR VALUES {bounds}")


def _count_on(table: ArrivingTable, key: int) -> None:
    """Let the next key be at least a given one; keys never go back."""
    execute(
        f"SELECT setval('{table.name}_id_seq', %s, false) FROM {table.name}_id_seq WHERE last_value < %s", [key, key]
    )


def _let_go(table: ArrivingTable, part: Part, gone: list[str]) -> None:
    lock_together(table.name, referred="ACCESS EXCLUSIVE")
    if _holds_rows(part):
        return
    execute(f"ALTER TABLE {table.name} DETACH PARTITION {part.name}")
    execute(f"DROP TABLE {part.name}")
    gone.append(part.name)
