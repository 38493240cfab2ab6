"""A second server of PostgreSQL that follows the first: reports may read from it, as long as it is there and close behind.

`reports` is the one door: reads of a block go to the replica, but for those by which something is decided (staff, roles, settings,
sessions), and but for those of a transaction. What is written goes to the primary always. Where there is no replica, or it lags or is
away, everything is read from the primary, and nobody has to know.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

logger = logging.getLogger(__name__)

ALIAS = "replica"
#: By these tables it is decided who may see what.
_DECIDE = frozenset({"foundation", "auth", "sessions", "contenttypes", "axes", "api"})
#: So long what was seen of the replica holds; and so long one that was away is not asked again. Seconds.
_LOOK_EVERY, _REST = 2.0, 10.0
#: So long `follows_now` waits for the replica to come up to the primary. Seconds.
_PATIENCE = 10.0

_reading: ContextVar[bool] = ContextVar("reads_reports", default=False)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Standing:
    """How the replica stands.

    Attributes:
        lag_seconds: how old the newest change is that it shows, where the primary has a newer one; 0.0: it shows all. None: it cannot be
            read from.
        fault: why it cannot: ``away``, ``follows_nobody``, ``of_another_store``; else empty.
    """

    lag_seconds: float | None
    fault: str = ""

    @property
    def is_fresh(self) -> bool:
        """Whether reports may read from it."""
        return self.lag_seconds is not None and self.lag_seconds <= settings.YUTANG_REPLICA_LAG_SECONDS


class ReportRouter:
    """Tells Django which server a query goes to."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Return the replica within `reports`, but for what decides and within transactions; else the primary."""
        is_report = _reading.get() and model._meta.app_label not in _DECIDE
        return ALIAS if is_report and not connections[DEFAULT_DB_ALIAS].in_atomic_block else DEFAULT_DB_ALIAS

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Return the primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Allow it: both servers hold the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Let tables be made on the primary; the replica follows."""
        return db == DEFAULT_DB_ALIAS


def has_replica() -> bool:
    """Return whether a replica is named by the settings."""
    return ALIAS in settings.DATABASES


@contextmanager
def reports() -> Iterator[bool]:
    """Let the reads of a block go to the replica where it is fresh, and yield whether they do."""
    token = _reading.set(has_replica() and standing().is_fresh)
    try:
        yield _reading.get()
    finally:
        _reading.reset(token)


def reads_reports(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let what a function reads come from the replica; where the replica fails meanwhile, it is called again on the primary.

    The function must change nothing but what may happen twice.
    """

    @wraps(view)
    def read(*args: Any, **kwargs: Any) -> Answer:
        with reports() as elsewhere:
            if not elsewhere:
                return view(*args, **kwargs)
            try:
                return view(*args, **kwargs)
            except DatabaseError as error:
                _note_fall(error)
        return view(*args, **kwargs)

    return read


def fetch_report(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of a query that only reads, from wherever reports are read; places are ``%s``."""
    on_replica = _reading.get() and not connections[DEFAULT_DB_ALIAS].in_atomic_block
    with connections[ALIAS if on_replica else DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())


def standing() -> Standing:
    """Return how the replica stands, as it was seen within the last seconds; there must be one."""
    with _lock:
        seen, at = _last
        if seen is None or time.monotonic() - at > (_REST if seen.lag_seconds is None else _LOOK_EVERY):
            seen = _looked()
            _keep(seen)
    return seen


def follows_now() -> bool:
    """Return whether the replica shows everything that was committed on the primary before this call; wait a while for it.

    For who has read from the primary what is to be found on the replica. False where there is none, or it stays behind.
    """
    primary = connections[DEFAULT_DB_ALIAS]
    if not has_replica() or primary.in_atomic_block or not standing().is_fresh:
        return False
    deadline = time.monotonic() + _PATIENCE
    try:
        # A mark behind everything that is committed: whoever has replayed it has replayed that.
        ((mark,),) = _asked(DEFAULT_DB_ALIAS, "SELECT pg_logical_emit_message(true, 'yutang', 'so far')::text")
        while time.monotonic() < deadline:
            if _asked(ALIAS, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [mark]) == [(True,)]:
                return True
            time.sleep(0.05)
    except DatabaseError as error:
        _note_fall(error)
    return False


_lock = Lock()
_last: tuple[Standing | None, float] = (None, 0.0)


def forget_standing() -> None:
    """Look at the replica anew the next time."""
    global _last  # noqa: PLW0603 - what one process saw of one server.
    _last = (None, 0.0)


def _keep(seen: Standing) -> None:
    global _last  # noqa: PLW0603 - what one process saw of one server.
    _last = (seen, time.monotonic())


def _note_fall(error: DatabaseError) -> None:
    logger.warning("the replica failed, reports are read from the primary: %s", type(error).__name__)
    connections[ALIAS].close()
    with _lock:
        _keep(Standing(None, "away"))


def _looked() -> Standing:
    """Ask both servers. The clock is that of the primary, which wrote when changes were made."""
    keys = "(SELECT value::text FROM foundation_setting WHERE key = 'foundation.keyring')"
    ((at, newest, ours),) = _asked(DEFAULT_DB_ALIAS, f"SELECT clock_timestamp(), pg_current_wal_lsn()::text, {keys}")
    try:
        ((follows, has_newest, replayed_at, theirs),) = _asked(
            ALIAS,
            f"SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= %s::pg_lsn, pg_last_xact_replay_timestamp(), {keys}",
            [newest],
        )
    except DatabaseError as error:
        connections[ALIAS].close()
        logger.warning("the replica cannot be read: %s", type(error).__name__)
        return Standing(None, "away")
    if not follows:
        return Standing(None, "follows_nobody")
    if ours != theirs:
        return Standing(None, "of_another_store")
    return Standing(0.0 if has_newest else _behind(at, replayed_at))


def _behind(at: datetime, replayed_at: datetime | None) -> float:
    """Return how long ago the last change was made that the replica shows; one that has replayed none yet is endlessly behind."""
    return float("inf") if replayed_at is None else max(0.0, (at - replayed_at).total_seconds())


def _asked(alias: str, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())
