"""Empties the store after a test: only the tables that hold something, where Django's own way goes through all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

#: What the store of tests holds from its beginning; no test changes it.
_STAYS = {"django_content_type", "auth_permission", "django_migrations"}
#: Keys up to here are given by the cast of the tests, not by the store.
_KEYS_OF_THE_CAST = 1_000


def empty_store() -> None:
    """Empty every table and let keys begin at 1 again, so that two ways may give the same keys."""
    empty_tables()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence")
        else:
            cursor.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) "
                "FROM pg_sequences WHERE last_value IS NOT NULL"
            )
    leave_keys_to_the_cast()


def empty_tables() -> None:
    """Empty every table that holds something; keys go on where they were."""
    tables = [table for table in connection.introspection.django_table_names() if table not in _STAYS]
    some = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(some)
        filled = [table for (table,) in cursor.fetchall()]
    if filled:
        with _whatever_refers_to_it(), transaction.atomic(), connection.cursor() as cursor:
            for table in filled:
                cursor.execute(f'DELETE FROM "{table}"')


@contextmanager
def _whatever_refers_to_it() -> Iterator[None]:
    """Let rows go that others refer to: in the end none is left."""
    if connection.vendor == "sqlite":
        with connection.constraint_checks_disabled():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def leave_keys_to_the_cast(**_: Any) -> None:
    """Let the store give keys of stores, regions and staff beyond those of the cast."""
    with connection.cursor() as cursor:
        for table in ("foundation_store", "foundation_region", "foundation_staff"):
            if connection.vendor == "sqlite":
                lowest = {"name": table, "seq": _KEYS_OF_THE_CAST}
                cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %(seq)s) WHERE name = %(name)s", lowest)
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT %(name)s, %(seq)s "
                    "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = %(name)s)",
                    lowest,
                )
            else:
                keys = f"{table}_id_seq"
                cursor.execute(f"SELECT setval('{keys}', greatest(last_value, {_KEYS_OF_THE_CAST})) FROM {keys}")
