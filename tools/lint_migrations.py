"""Migrations that would lock a large table of PostgreSQL for as long as it is read or written; prints each and ends with 1.

A table that already holds rows is read and written by customers while an update runs. Refused, from the baseline on, for every table
that was there before the migration: an index that is not made concurrently; a constraint that looks at every row at once; a column
whose value is written into every row; a change of a column's type; rows changed by Python or SQL within the transaction of the
migration.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import migrations, models
from django.db.migrations import operations
from django.db.models import Field
from django.db.models.fields import NOT_PROVIDED

#: The last migration of each room before the first release: nobody's large table has had to go through it.
BASELINE = {
    "api": 3,
    "channels": 8,
    "codes": 2,
    "communities": 3,
    "content": 1,
    "coupons": 2,
    "customers": 2,
    "economics": 2,
    "experiments": 1,
    "foundation": 3,
    "groupbuy": 2,
    "ingest": 1,
    "insight": 5,
    "journeys": 3,
    "membership": 1,
    "orders": 2,
    "payments": 1,
    "privacy": 1,
    "referral": 1,
    "risk": 2,
    "segments": 1,
    "visits": 3,
    "webhooks": 1,
    "wecom": 5,
    "worklist": 3,
}
#: Tables that stay small by what they are: kinds, settings, staff. Locking one of them is over at once.
SMALL = frozenset(
    {
        "foundation.region", "foundation.store", "foundation.staff", "foundation.ownrole", "foundation.setting",
        "orders.shop", "segments.segment", "journeys.playbook", "journeys.version", "coupons.kind", "membership.plan",
        "groupbuy.campaign", "codes.code", "content.content", "content.version", "experiments.experiment",
    }
)  # fmt: skip

_CONCURRENTLY = "take AddIndexGently of foundation.gentle_migrations, with atomic = False."
_IN_TWO_STEPS = "take AddConstraintGently of foundation.gentle_migrations, with atomic = False."
_IN_BATCHES = (
    "change rows in batches of their own transactions: atomic = False and a bounded loop, or a job; mark the operation with a "
    "function that has in_batches = True."
)


@dataclass(frozen=True)
class Breach:
    """An operation that locks.

    Attributes:
        migration: ``room.name``.
        says: what it does, and how it is done instead.
    """

    migration: str
    says: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.says}"


def main() -> None:
    """Look at every migration of every room."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")
    import django

    django.setup()
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {label: config for label, config in _apps().items() if config.name.startswith("yutang.")}
    breaches = []
    for (room, name), migration in sorted(loader.disk_migrations.items()):
        if room in ours and number_of(name) > BASELINE.get(room, 0):
            before = loader.project_state((room, name), at_end=False)
            breaches += breaches_of(migration, before.models)
    for breach in breaches:
        print(breach)
    if breaches:
        sys.exit(f"{len(breaches)} operations would lock a large table")


def number_of(name: str) -> int:
    """Return the number with which the name of a migration begins."""
    return int(name.split("_", 1)[0])


def breaches_of(migration: migrations.Migration, before: Mapping[tuple[str, str], Any]) -> Iterator[Breach]:
    """Yield what is wrong with one migration.

    Args:
        migration: it.
        before: the models before it, as Django's state of a project holds them; tables that it makes itself are empty.
    """
    name = f"{migration.app_label}.{migration.name}"
    for operation in _flat(migration.operations):
        for says in _judged(operation, migration, before):
            yield Breach(name, says)


def _judged(operation: Any, migration: migrations.Migration, before: Mapping[tuple[str, str], Any]) -> Iterator[str]:
    if isinstance(operation, (operations.RunPython, operations.RunSQL)):
        yield from _rows_changed(operation, migration)
        return
    table = (migration.app_label, str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower())
    if table not in before or ".".join(table) in SMALL:
        return
    called = ".".join(table)
    if isinstance(operation, operations.AddIndex) and not _is_gentle(operation, migration):
        yield f"an index on {called} keeps writers out while it is made: {_CONCURRENTLY}"
    elif isinstance(operation, operations.AddConstraint) and not _is_gentle(operation, migration):
        yield f"a constraint on {called} looks at every row while writers wait: {_IN_TWO_STEPS}"
    elif isinstance(operation, (operations.AlterUniqueTogether, operations.AlterIndexTogether)):
        yield f"uniqueness on {called} is an index that keeps writers out: {_CONCURRENTLY}"
    elif isinstance(operation, operations.AddField):
        yield from _added(operation.field, called, operation.name)
    elif isinstance(operation, operations.AlterField):
        held = before[table].fields.get(operation.name)
        if held is not None:
            yield from _altered(held, operation.field, called, operation.name)


def _rows_changed(operation: Any, migration: migrations.Migration) -> Iterator[str]:
    if isinstance(operation, operations.RunPython):
        if migration.atomic or not getattr(operation.code, "in_batches", False):
            yield f"{operation.code.__name__} changes rows within one transaction: {_IN_BATCHES}"
    elif migration.atomic:
        yield f"SQL within the transaction of the migration: {_IN_BATCHES}"


def _added(field: Field[Any, Any], table: str, name: str) -> Iterator[str]:
    if not field.null and field.db_default is NOT_PROVIDED and not field.many_to_many:
        yield (
            f"{table}.{name} may not be empty: processes of the version before write no value. Give it db_default, or let it be "
            "null, fill it in batches and forbid null later."
        )
    if callable(getattr(field, "default", None)) and not field.null and field.default not in {dict, list}:
        yield f"{table}.{name} has a default that is computed: every row would be written. Let it be null and fill it in batches."
    if field.db_index or field.unique:
        yield f"{table}.{name} comes with an index that keeps writers out: add the column alone, and then: {_CONCURRENTLY}"
    if field.is_relation and field.db_constraint and not field.many_to_many:  # type: ignore[attr-defined]
        yield (
            f"{table}.{name} refers to another table, and both are locked while every row is looked at: add it with db_constraint=False, "
            "and the reference by SQL as NOT VALID, validated in a migration of its own."
        )


def _altered(held: Field[Any, Any], field: Field[Any, Any], table: str, name: str) -> Iterator[str]:
    if held.get_internal_type() != field.get_internal_type() or _shorter(held, field):
        yield f"{table}.{name} gets another type: every row would be written anew. Add a column, fill it in batches, then drop the old one."
    if held.null and not field.null:
        yield (
            f"{table}.{name} may not be null any more, and every row is looked at under a lock: add a check that it is not null first. "
            f"{_IN_TWO_STEPS}"
        )
    if (field.db_index and not held.db_index) or (field.unique and not held.unique):
        yield f"{table}.{name} gets an index that keeps writers out: {_CONCURRENTLY}"


def _shorter(held: Field[Any, Any], field: Field[Any, Any]) -> bool:
    before, after = held.max_length, field.max_length
    return isinstance(field, models.CharField) and after is not None and (before is None or after < before)


def _is_gentle(operation: Any, migration: migrations.Migration) -> bool:
    """Return whether an operation keeps nobody waiting; within a transaction none does."""
    return not migration.atomic and bool(getattr(operation, "is_gentle", False))


def _flat(given: Sequence[Any]) -> Iterator[Any]:
    """Yield operations on the database, also those within `SeparateDatabaseAndState`."""
    for operation in given:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _apps() -> dict[str, Any]:
    from django.apps import apps

    return {config.label: config for config in apps.get_app_configs()}


if __name__ == "__main__":
    main()
