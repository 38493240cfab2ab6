"""The embedded store moved to PostgreSQL: every row once, compared on both sides, and taken up again wherever it was cut off."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from django.db import connection, connections

from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.models import AuditEntry
from yutang.foundation.months import BACK
from yutang.foundation.moving.differences import difference_of
from yutang.foundation.moving.digests import Sum
from yutang.foundation.moving.refusals import (
    MoveIsDone,
    MoveIsFromTheEmbeddedStore,
    MoveIsNotDone,
    MoveOfAnotherStore,
    RowsBreakARule,
    RowsDiffer,
    RowsWereNotMoved,
    TargetIsNoPostgresql,
    TargetIsOfAnotherStore,
)
from yutang.foundation.moving.source import Source
from yutang.foundation.moving.tables import MovedTable, tables_in_order
from yutang.foundation.moving.target import State, Target, why_of
from yutang.kit.text import N_, Sentence

#: Rows of one transaction of the target.
_BATCH = 50_000

#: Called with what is done, what there is to do, and which step it is.
Told = Callable[[int, int, Sentence], None]


@dataclass(frozen=True)
class MovedRows:
    """A table of which both sides hold the same rows.

    Attributes:
        table: its name.
        rows: count.
        digest: sum of the digests of its rows, in hexadecimal digits.
    """

    table: str
    rows: int
    digest: str


@dataclass(frozen=True)
class MoveReport:
    """What a move did, or a comparison found.

    Attributes:
        tables: every table, in the order of moving.
        moved: rows that this run moved; the rest was there already. Count.
        seconds: name of a step → how long it took. Seconds.
    """

    tables: tuple[MovedRows, ...]
    moved: int
    seconds: dict[str, float]

    @property
    def rows(self) -> int:
        """All rows. Count."""
        return sum(table.rows for table in self.tables)


def move_store(
    *,
    actor: Actor,
    to: str,
    make_tables: Callable[[], None],
    told: Told = lambda done, total, step: None,
    now: datetime,
) -> MoveReport:
    """Move the embedded store into an empty PostgreSQL database, or go on with a move that was cut off.

    The source stays as it is; nobody else can open it meanwhile. The target may be used when this has returned.

    Args:
        actor: who asks.
        to: address of the database.
        make_tables: brings the tables of the target up to date.
        told: hears how far it is.
        now: aware UTC.

    Raises:
        DomainError: one of `refusals`.
    """
    actor.require("backups.make")
    file, tables = _file_of_the_store(to), tables_in_order()
    with Target(to) as target:
        state = target.state()
        if state is None:
            target.require_empty(tables)
            # Written before anything is read, so that it moves along.
            with _at_rest(file):
                pass
            audit(actor=actor, action="backups.move_store", now=now)
        else:
            _require_own(state)
            if state.done_at:
                raise MoveIsDone(moved_at=_moment(state.done_at))
        with _at_rest(file) as source:
            if state is None:
                make_tables()
                target.begin(tables, source=_told_of(source), now=now)
                for table in tables:
                    if day := target.day_of_months(table):
                        target.make_months(table, sorted(source.months(table, day))[-BACK:])
            elif state.source != _told_of(source):
                raise MoveOfAnotherStore
            return _moved(source, target, tables, told=told, now=now)


def compare_stores(*, actor: Actor, to: str, told: Told = lambda done, total, step: None) -> MoveReport:
    """Read the embedded store and the database that it was moved to once more, and compare them; change nothing.

    Args:
        actor: who asks.
        to: address of the database.
        told: hears how far it is.

    Raises:
        RowsDiffer: a table does not hold the same rows on both sides; its sentence names some of them.
        DomainError: one of `refusals`.
    """
    actor.require("backups.make")
    file, tables = _file_of_the_store(to), tables_in_order()
    started = time.monotonic()
    with Target(to) as target:
        state = target.state()
        if state is None:
            raise MoveIsNotDone
        _require_own(state)
        if state.done_at is None:
            raise MoveIsNotDone
        with _at_rest(file) as source:
            sums: dict[str, Sum] = {}
            total = sum(source.count(table) for table in tables)
            different = []
            for table in tables:
                sums[table.name] = source.sum_up_to(table, last=2**63 - 1)
                if not _holds(target, table, sums, total=total, told=told):
                    different.append(difference_of(source, target, table))
            if different:
                raise RowsDiffer(tables=different, moved_at=_moment(state.done_at))
    return _report(tables, sums, 0, {"verify": time.monotonic() - started})


def _file_of_the_store(to: str) -> Path:
    if connection.vendor != "sqlite":
        raise MoveIsFromTheEmbeddedStore
    if not to.startswith(("postgresql://", "postgres://")):
        raise TargetIsNoPostgresql
    return Path(connection.settings_dict["NAME"])


@contextmanager
def _at_rest(file: Path) -> Iterator[Source]:
    """Open the store so that nobody else has it open, this process included."""
    connections.close_all()
    with Source(file) as source:
        yield source


def _require_own(state: State) -> None:
    """Raise where it is not this store that a move was begun with: its audit trail knows the moment.

    Keys alone do not tell: two stores may have the same ones from `YUTANG_KEYS`, and a new store has none yet.
    """
    if AuditEntry.objects.filter(action="backups.move_store", at=state.begun_at).exists():
        return
    if state.done_at:
        raise TargetIsOfAnotherStore(moved_at=_moment(state.done_at))
    raise MoveOfAnotherStore


def _moment(at: datetime) -> str:
    """Return an instant for programs, in UTC; a person is told it on the clock of the shop."""
    return at.astimezone(UTC).isoformat()


def _told_of(source: Source) -> str:
    """Return what tells this store and this version from others: its keys and its migrations."""
    told = source.text("SELECT value FROM foundation_setting WHERE key = 'foundation.keyring'")
    told += source.text("SELECT app, name FROM django_migrations ORDER BY app, name")
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _moved(source: Source, target: Target, tables: Sequence[MovedTable], *, told: Told, now: datetime) -> MoveReport:
    clock = [time.monotonic()]
    total = sum(source.count(table) for table in tables)
    sums: dict[str, Sum] = {}
    moved = 0
    for table in tables:
        moved += _move_table(source, target, table, sums, total=total, told=told)
    clock.append(time.monotonic())
    _verify(source, target, tables, sums, total=total, told=told)
    clock.append(time.monotonic())
    _put_rules_back(target, told=told)
    for table in tables:
        highest = source.highest_key(table)
        if highest is not None and highest > 0:
            target.count_on(table, highest=highest)
    target.finish(now=now)
    clock.append(time.monotonic())
    steps = ("copy", "verify", "index")
    return _report(tables, sums, moved, {name: clock[n + 1] - clock[n] for n, name in enumerate(steps)})


def _report(tables: Sequence[MovedTable], sums: dict[str, Sum], moved: int, seconds: dict[str, float]) -> MoveReport:
    rows = tuple(MovedRows(table.name, sums[table.name].rows, sums[table.name].digest) for table in tables)
    return MoveReport(rows, moved, seconds)


def _move_table(
    source: Source, target: Target, table: MovedTable, sums: dict[str, Sum], *, total: int, told: Told
) -> int:
    """Move what the target lacks of a table and return how many rows that were; its sum joins the others."""
    step = Sentence(N_("Moving %(table)s"), {"table": table.name})
    progress = target.progress(table)
    if progress.sum.rows and source.sum_up_to(table, last=progress.last) != progress.sum:
        # The source was changed since that part was moved.
        target.forget(table)
        progress = target.progress(table)
    held, before = progress.sum, sum(each.rows for each in sums.values())
    told(before + held.rows, total, step)
    moved = 0
    for batch in source.batches(table, after=progress.last, size=_BATCH):
        held = held.plus(batch.sum)
        target.take(table, batch, moved=held)
        moved += batch.sum.rows
        told(before + held.rows, total, step)
    sums[table.name] = held
    return moved


def _verify(
    source: Source, target: Target, tables: Sequence[MovedTable], sums: dict[str, Sum], *, total: int, told: Told
) -> None:
    """Read every table back, and compare it with what was read from the source.

    Raises:
        RowsWereNotMoved: a table holds something else; the next run moves it anew.
    """
    different = []
    for table in tables:
        if not _holds(target, table, sums, total=total, told=told):
            different.append(difference_of(source, target, table))
            target.forget(table)
    if different:
        raise RowsWereNotMoved(tables=different)


def _holds(target: Target, table: MovedTable, sums: dict[str, Sum], *, total: int, told: Told) -> bool:
    """Return whether the target holds the rows whose sum is given."""
    step = Sentence(N_("Comparing %(table)s"), {"table": table.name})
    before = sum(each.rows for each in _until(sums, table))
    found = Sum()
    for found in target.sum_of(table):
        told(before + found.rows, total, step)
    return found == sums[table.name]


def _until(sums: dict[str, Sum], table: MovedTable) -> Iterator[Sum]:
    for name, each in sums.items():
        if name == table.name:
            return
        yield each


def _put_rules_back(target: Target, *, told: Told) -> None:
    """Make constraints and indexes again, each of which looks at every row.

    Raises:
        RowsBreakARule: one does not hold.
    """
    rules = target.rules_set_aside()
    for done, rule in enumerate(rules):
        told(
            done,
            len(rules),
            Sentence(N_("Looking through %(table)s: %(rule)s"), {"table": rule.table, "rule": rule.name}),
        )
        try:
            target.put_back(rule)
        except psycopg.IntegrityError as error:
            raise RowsBreakARule(table=rule.table, rule=rule.name, why=why_of(error)) from error
