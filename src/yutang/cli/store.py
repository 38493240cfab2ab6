"""The operational store as a command finds it: made on first use, brought up to date when it is the embedded one."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: States of PostgreSQL's errors: connections that failed, and a server that is told to end, has crashed or only begins.
_WENT_AWAY = ("08", "57P01", "57P02", "57P03")
#: Of a connection that broke the driver knows no state: it is one that failed.
_NO_STATE = "08000"


class StoreIsOutOfDate(DomainError):
    """The database lacks tables that this version needs."""

    code: ClassVar[str] = "store_is_out_of_date"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_("The database is not up to date with this version. Run: yutang up, or: yutang migrate")


class DatabaseDoesNotAnswer(DomainError):
    """The database does not answer."""

    code: ClassVar[str] = "database_does_not_answer"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The database cannot be reached (%(detail)s). Look at DATABASE_URL and whether the server runs."
    )


class DatabaseWentAway(DomainError):
    """The database stopped answering while a command ran."""

    code: ClassVar[str] = "database_went_away"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The database stopped answering (%(detail)s). What was done before that stays. Run the command again when the server answers."
    )


class StoreFileIsUnusable(DomainError):
    """The file of the embedded store cannot be opened, or is no SQLite database."""

    code: ClassVar[str] = "store_file_is_unusable"
    http_status: ClassVar[int] = 503
    message: ClassVar[str] = N_(
        "The database file %(file)s cannot be used (%(detail)s). Look at its rights and those of its folder; if it is damaged, put "
        "it back from the backup."
    )


def ensure_store() -> None:
    """Make or update the embedded store and its keys; refuse to go on with a store or keys that do not fit.

    Raises:
        StoreIsOutOfDate: a PostgreSQL database lacks migrations.
        DatabaseDoesNotAnswer: the database does not answer.
        StoreFileIsUnusable: the SQLite file cannot be opened.
        KeysAreMissing: the store holds sealed records, and there are no keys.
        KeysAreOthers: the store was sealed with other keys.
        KeysAreBroken: the keys cannot be read.
    """
    from django.db import connection

    from yutang.foundation.sealed_records import ensure_keys

    if missing_migrations():
        if connection.vendor != "sqlite":
            raise StoreIsOutOfDate
        migrate()
    ensure_keys()


def migrate() -> None:
    """Bring the store up to date; processes that want the same wait for each other.

    Raises:
        DatabaseDoesNotAnswer: the database does not answer.
        StoreFileIsUnusable: the SQLite file cannot be opened.
    """
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from yutang.foundation.first_tables import is_new, make_all_tables

    reach()
    home = Path(settings.YUTANG_HOME)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(home / "migrate.lock"):
        if connection.vendor == "sqlite" and is_new(connection):
            make_all_tables(connection)
        # What is new since, and the types of content and the permissions that belong to the tables.
        call_command("migrate", verbosity=0, interactive=False)


def missing_migrations() -> frozenset[str]:
    """Return Yutang's own migrations that the store has not had, as ``room.name``; read from files, so that it is fast.

    Raises:
        DatabaseDoesNotAnswer: the database does not answer.
        StoreFileIsUnusable: the SQLite file cannot be opened.
    """
    from django.apps import apps
    from django.db import DatabaseError, connection

    wanted = {
        f"{config.label}.{file.stem}"
        for config in apps.get_app_configs()
        if config.name.startswith("yutang.")
        for file in (Path(config.path) / "migrations").glob("[0-9]*.py")
    }
    reach()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            had = {f"{app}.{name}" for app, name in cursor.fetchall()}
    except DatabaseError:
        return frozenset(wanted)
    return frozenset(wanted - had)


def reach() -> None:
    """Open the connection to the store.

    Raises:
        DatabaseDoesNotAnswer: the database does not answer.
        StoreFileIsUnusable: the SQLite file cannot be opened.
    """
    from django.db import DatabaseError, connection

    try:
        connection.ensure_connection()
    except DatabaseError as error:
        if connection.vendor != "sqlite":
            raise DatabaseDoesNotAnswer(detail=_what_it_says(error)) from error
        raise StoreFileIsUnusable(file=str(connection.settings_dict["NAME"]), detail=str(error)) from error


def lost_database(error: BaseException) -> DatabaseWentAway | None:
    """Return what to say where the server ended the connection, or its own work, under an error; None for other errors."""
    import psycopg

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, psycopg.OperationalError) and (cause.sqlstate or _NO_STATE).startswith(_WENT_AWAY):
            return DatabaseWentAway(detail=_what_it_says(cause))
        cause = cause.__cause__ or cause.__context__
    return None


def _what_it_says(error: BaseException) -> str:
    """Return the first line of an error of the driver: the address without the password, and why."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:300]


def pending_migrations() -> tuple[str, ...]:
    """Return every migration that the store has not had, those of libraries included."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return tuple(f"{migration.app_label}.{migration.name}" for migration, _backwards in plan)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
