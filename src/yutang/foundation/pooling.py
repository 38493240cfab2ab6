"""Connections to PostgreSQL that the threads of a process share: at most so many, each looked at before it is lent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

#: So long a thread waits for a connection before it is refused one; as long a request may wait while the server is down. Seconds.
PATIENCE = 5.0
#: A connection beyond the first one goes when nobody wanted it for so long. Seconds.
_IDLE = 300.0


@dataclass(frozen=True)
class PoolNumbers:
    """What became of the connections of this process since the last look.

    Attributes:
        lent: connections that threads asked for. Count.
        waited: of these, how many had to wait. Count.
        waited_seconds: how long they waited together. Seconds.
        refused: how many waited in vain. Count.
        opened: connections that were opened. Count.
        lost: connections that turned out to be dead. Count.
    """

    lent: int
    waited: int
    waited_seconds: float
    refused: int
    opened: int
    lost: int


def share_connections(*, most: int) -> bool:
    """Let the threads of this process share at most so many connections, and return whether they do.

    Called once, while the process has one thread. On SQLite, and with 0, every thread keeps a connection of its own.

    Args:
        most: connections. Count, ``>= 0``.
    """
    if most == 0 or connection.vendor != "postgresql" or _is_shared():
        return False
    connection.close()
    # Every thread makes its connection from this one dictionary.
    told = connection.settings_dict
    told["CONN_MAX_AGE"] = 0
    told["OPTIONS"] = {
        **told.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": most, "timeout": PATIENCE, "max_idle": _IDLE},
    }
    return True


def numbers_since_last() -> PoolNumbers | None:
    """Return what became of the shared connections since this was asked last; None where threads share none."""
    if not _is_shared():
        return None
    told: Mapping[str, int] = connection.pool.pop_stats()  # type: ignore[attr-defined]
    return PoolNumbers(
        lent=told.get("requests_num", 0),
        waited=told.get("requests_queued", 0),
        waited_seconds=told.get("requests_wait_ms", 0) / 1000,
        refused=told.get("requests_errors", 0),
        opened=told.get("connections_num", 0),
        lost=told.get("connections_lost", 0),
    )


def waited_in_vain(error: BaseException | None) -> bool:
    """Return whether an error comes of a thread that got no connection: all are taken, or the server does not answer."""
    from psycopg_pool import PoolTimeout

    while error is not None:
        if isinstance(error, PoolTimeout):
            return True
        error = error.__cause__
    return False


def connections_of_the_server() -> tuple[int, int]:
    """Return how many connections the server of PostgreSQL has, and how many it takes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " current_setting('max_connections')::int"
        )
        used, most = cursor.fetchone()
    return int(used), int(most)


def most_shared() -> int:
    """Return how many connections the settings let the threads of a web server or worker share."""
    return int(settings.YUTANG_POOL)


def _is_shared() -> bool:
    return bool(connection.settings_dict.get("OPTIONS", {}).get("pool"))
