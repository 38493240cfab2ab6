"""Room for SQLite while far more is written than its usual cache and log hold; PostgreSQL has room of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection

from yutang.kit.memory import available_bytes

#: Cache of the loading connection. KiB.
_CACHE_KIB = 524_288
#: The log is brought into the file when it is so long. Bytes.
_LONG = 2**30
#: Memory that there must be. Bytes.
_MEMORY = 4 * 2**30


@contextmanager
def room_to_load() -> Iterator[Callable[[], None]]:
    """Give the connection room for a load of many transactions, and what is to be called between them.

    Keys that are spread over all their index touch most of its pages in each transaction. Within the usual cache the same page
    was written, and read again, several times in one; and the log was brought into the file after each, where now it holds
    several versions of a page of which only the last one is.

    Others who change something meanwhile would find the long log and bring it home within their request: a reader that
    stands still keeps them from it, and it is done here.
    """
    if connection.vendor != "sqlite" or available_bytes() < _MEMORY:
        yield lambda: None
        return
    connection.ensure_connection()
    driver: Any = connection.connection
    usual = {name: _pragma(driver, name) for name in ("cache_size", "wal_autocheckpoint")}
    path = Path(str(connection.settings_dict["NAME"]))
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        _stand_still(reader)
        _pragma(driver, f"cache_size = {-_CACHE_KIB}")
        _pragma(driver, "wal_autocheckpoint = 0")
        try:
            yield lambda: _between(driver, reader, path)
        finally:
            for name, value in usual.items():
                _pragma(driver, f"{name} = {value}")
            _pragma(driver, "shrink_memory")
            reader.rollback()
            _bring_home(driver)


def _between(driver: Any, reader: sqlite3.Connection, path: Path) -> None:
    """Bring a long log home while no change is under way."""
    log = path.with_name(f"{path.name}-wal")
    if not connection.in_atomic_block and log.exists() and log.stat().st_size >= _LONG:
        reader.rollback()
        _bring_home(driver)
        _stand_still(reader)


def _stand_still(reader: sqlite3.Connection) -> None:
    """Let the reader see the store as it is now until it is told otherwise."""
    reader.execute("BEGIN")
    reader.execute("SELECT 1 FROM sqlite_master").fetchone()


def _bring_home(driver: Any) -> None:
    """Bring the log into the file. What of it fails is done by whoever changes something next."""
    if not connection.in_atomic_block:
        with suppress(sqlite3.OperationalError):
            _pragma(driver, "wal_checkpoint(PASSIVE)")


def _pragma(driver: Any, told: str) -> Any:
    found = driver.execute(f"PRAGMA {told}").fetchone()
    return found[0] if found else None
