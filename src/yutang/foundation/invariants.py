"""What must always hold of the store: each room registers what it owns in its module ``invariants``; `yutang doctor --deep` asks all.

An invariant only reads, and may be asked of an installation that is at work: each is asked of one unchanging state of the store, in a
transaction of its own that takes no lock which a writer waits for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import DatabaseError, connection
from django.utils.module_loading import autodiscover_modules

from yutang.foundation import bulk
from yutang.foundation.models import MOST_ATTEMPTS, AuditEntry, Job
from yutang.foundation.sealed_records import SEALED
from yutang.kit.registry import Registry
from yutang.kit.text import N_

#: So many things that break an invariant are named.
NAMED = 5


@dataclass(frozen=True)
class Seen:
    """What a look at one invariant found.

    Attributes:
        looked: things that were looked at. Count.
        broken: of these, how many are not as they must be. Count.
        where: which, the first ones: a table and keys, or a file.
        left_out: things that could not be judged because they change at this moment. Count.
    """

    looked: int
    broken: int = 0
    where: tuple[str, ...] = ()
    left_out: int = 0


class Look(Protocol):
    """Looks at the store; called within `unchanging`, unless the invariant reads it by itself."""

    def __call__(self) -> Seen:
        """Return what was found."""


@dataclass(frozen=True)
class Invariant:
    """Something that must always hold.

    Attributes:
        name: ``room.thing``, one name for ever; its heading in docs/operations/faults.md tells what to do when it is broken.
        holds: what holds, as a sentence without its full stop, marked with `N_`.
        look: looks whether it does.
        do: what to do when it does not, marked with `N_`.
        own_reads: whether `look` reads by itself, and not within one state of the store.
    """

    name: str
    holds: str
    look: Look
    do: str
    own_reads: bool = False


INVARIANTS: Registry[Invariant] = Registry(what="invariants", name_of=lambda invariant: invariant.name)

#: What an operator does about a store that contradicts itself: nothing there is mended by itself, because one of the two sides is right.
KEEP_AND_ASK = N_(
    "Make a backup now (yutang backup), change nothing by hand, and read docs/operations/faults.md under the name of this check."
)


def all_invariants() -> Iterator[Invariant]:
    """Yield every invariant of every room, lower rooms first."""
    autodiscover_modules("invariants")
    yield from sorted(INVARIANTS, key=lambda one: one.name)


def seen(invariant: Invariant) -> Seen:
    """Return how an invariant stands."""
    if invariant.own_reads:
        return invariant.look()
    with unchanging():
        return invariant.look()


@contextmanager
def unchanging() -> Iterator[None]:
    """Let what is read within be one state of the store, without keeping anybody from writing; nothing can be written within.

    Inside a transaction of the caller its state is read.
    """
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        bulk.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        before: Sequence[str] = ()
    else:
        # What must be sorted goes into a file and not into memory. Django's transactions take the write lock, this one does not.
        bulk.execute("PRAGMA temp_store=FILE")
        bulk.execute("PRAGMA query_only=ON")
        bulk.execute("BEGIN DEFERRED")
        before = ("PRAGMA query_only=OFF", "PRAGMA temp_store=MEMORY")
    try:
        yield
    finally:
        bulk.execute("ROLLBACK")
        for statement in before:
            bulk.execute(statement)


def broken_rows(table: str, *, looked: str, broken: str, parameters: Sequence[Any] = ()) -> Look:
    """Return a look by two statements.

    Args:
        table: what the keys belong to, as the answer names them.
        looked: a SELECT of how many things there are.
        broken: a SELECT of the keys, as ``id``, of those that are not as they must be.
        parameters: values of the places in `broken`.
    """

    def look() -> Seen:
        ((count,),) = bulk.fetch(looked)
        rows = bulk.fetch(
            f"SELECT id, COUNT(*) OVER () FROM ({broken}) AS broken ORDER BY id LIMIT {NAMED}",  # noqa: S608
            parameters,
        )
        return Seen(int(count), int(rows[0][1]) if rows else 0, tuple(f"{table} {key}" for key, _all in rows))

    return look


def register(
    name: str,
    holds: str,
    *,
    table: str,
    broken: str,
    looked: str = "",
    parameters: Sequence[Any] = (),
    do: str = KEEP_AND_ASK,
) -> None:
    """Register an invariant that two statements look at; see `broken_rows`."""
    count = looked or f"SELECT COUNT(*) FROM {table}"  # noqa: S608
    INVARIANTS.register(
        Invariant(name, holds, broken_rows(table, looked=count, broken=broken, parameters=parameters), do)
    )


def _whole_file() -> Seen:
    """Look through every page, index and constraint of the embedded store; PostgreSQL names those that it does not hold to."""
    if connection.vendor == "postgresql":
        ((count,),) = bulk.fetch(
            "SELECT (SELECT COUNT(*) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace)"
            " + (SELECT COUNT(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relnamespace = current_schema()::regnamespace)"
        )
        bad = bulk.fetch(
            "SELECT conrelid::regclass::text || ' ' || conname FROM pg_constraint"
            " WHERE connamespace = current_schema()::regnamespace AND NOT convalidated"
            " UNION ALL SELECT i.indrelid::regclass::text || ' ' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid ORDER BY 1"
        )
        return Seen(int(count), len(bad), tuple(str(one) for (one,) in bad)[:NAMED])
    ((pages,),) = bulk.fetch("PRAGMA page_count")
    try:
        said = [str(one) for (one,) in bulk.fetch("PRAGMA integrity_check(100)")]
    except DatabaseError as error:
        # Some damage ends the look itself.
        return Seen(int(pages), 1, (str(error),))
    bad_pages = [] if said == ["ok"] else said
    orphans = [f"{table} {row}" for table, row, _parent, _key in bulk.fetch("PRAGMA foreign_key_check")]
    return Seen(int(pages), len(bad_pages) + len(orphans), (*bad_pages, *orphans)[:NAMED])


def _sealed() -> Seen:
    """Look whether the keys open everything that is sealed."""
    found = [(records.name, *records.closed()) for records in SEALED]
    where = [f"{name} {key}" for name, _all, keys in found for key in keys]
    return Seen(sum(count for _name, count, _keys in found), len(where), tuple(where[:NAMED]))


INVARIANTS.register(
    Invariant(
        "foundation.store",
        N_("Every page, index and constraint of the store holds"),
        _whole_file,
        N_(
            "Stop Yutang, keep a copy of the file, and restore the newest backup: yutang restore. On PostgreSQL, REINDEX an index that"
            " is not valid."
        ),
    )
)

register(
    "foundation.jobs",
    N_("Every job is either held by one worker, or by nobody"),
    table=Job._meta.db_table,
    # A running job has a lease with an end, and that lease is its alone; one that ended says when.
    broken="""
        SELECT id FROM foundation_job WHERE
            (status = 'running' AND (lease_token = '' OR lease_until IS NULL))
            OR (status <> 'running' AND (lease_token <> '' OR lease_until IS NOT NULL))
            OR (status IN ('done', 'dead', 'cancelled') AND finished_at IS NULL)
            OR (status IN ('waiting', 'running') AND finished_at IS NOT NULL)
        UNION SELECT MIN(id) FROM foundation_job WHERE lease_token <> '' GROUP BY lease_token HAVING COUNT(*) > 1
    """,
    do=N_("See it with: yutang jobs show NUMBER. Cancel it, and ask for its work again."),
)

register(
    "foundation.events",
    N_("Every event is delivered, or still tried"),
    table="foundation_outboxevent",
    broken=f"SELECT id FROM foundation_outboxevent WHERE delivered_at IS NULL AND attempts >= {MOST_ATTEMPTS}",  # noqa: S608
    do=N_("The log of the worker says why."),
)

INVARIANTS.register(
    Invariant(
        "foundation.sealed",
        N_("The keys open every sealed record"),
        _sealed,
        N_(
            "Look whether keys.json is that of this installation, with its older keys: yutang keys status. A record that is damaged comes"
            " back with a backup from before."
        ),
    )
)

register(
    "foundation.audit",
    N_("Every entry of the audit trail says what was done, by somebody who is known"),
    table=AuditEntry._meta.db_table,
    broken="""
        SELECT a.id FROM foundation_auditentry a LEFT JOIN foundation_staff s ON s.id = a.actor_id
        WHERE a.action = '' OR (a.actor_id IS NOT NULL AND s.id IS NULL)
    """,
)
