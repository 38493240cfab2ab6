"""How often each API of a corp was called, kept by all who share a ledger, so that the limit of a window is not met twice."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import itertools
import os
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from yutang.connectors.wecom.settings import Limits

MINUTE = 60
HOUR = 3_600
#: After so many calls what has left all windows is dropped from the file.
_TIDIES_EVERY = 500

_TABLES = """
CREATE TABLE IF NOT EXISTS calls (
    corp TEXT, api TEXT, second INTEGER, calls INTEGER, PRIMARY KEY (corp, api, second)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closings (
    corp TEXT, api TEXT, until REAL, times INTEGER, PRIMARY KEY (corp, api)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Calls:
    """How often one API was called of late.

    Attributes:
        by_minute: calls of the last 60 minutes, oldest first. Shape (60,).
        minute: calls within the last 60 seconds. Count.
        hour: calls within the last 3,600 seconds. Count.
        closed_until: until when nobody calls because WeCom met its limit, in Unix seconds; 0.0 where it is open.
    """

    api: str
    by_minute: tuple[int, ...]
    minute: int
    hour: int
    closed_until: float


class Ledger(Protocol):
    """Counts calls; plugged in from above."""

    def take(self, *, corp_id: str, api: str, limits: Limits, now: float) -> float:
        """Note a call and return 0.0, or note nothing and return in how many seconds there may be a place."""

    def close(self, *, corp_id: str, api: str, now: float) -> float:
        """Note that a limit was met, and return for how many seconds nobody calls.

        A minute at first; an hour where the minute did not help.
        """

    def reopen(self, *, corp_id: str, api: str) -> None:
        """Note that WeCom answered again after a limit."""

    def alone(self, *, corp_id: str, api: str) -> contextlib.AbstractContextManager[None]:
        """Let no other call of an API be under way while the block runs, among all who share the ledger."""


class _Window:
    """Calls of one API by second; windows slide, so that a count by minutes of the clock is kept too."""

    def __init__(self) -> None:
        self.calls: Counter[int] = Counter()
        self.closed_until = 0.0
        self.closings = 0

    def wait(self, limits: Limits, now: float) -> float:
        if now < self.closed_until:
            return self.closed_until - now
        return max(_wait(self.calls, limits.per_minute, MINUTE, now), _wait(self.calls, limits.per_hour, HOUR, now))

    def note(self, now: float) -> None:
        second = int(now)
        if second not in self.calls:
            for old in [each for each in self.calls if each <= second - HOUR - 1]:
                del self.calls[old]
        self.calls[second] += 1


def _wait(calls: Counter[int], most: int, seconds: int, now: float) -> float:
    """Return in how many seconds fewer than `most` calls lie within the window."""
    if len(calls) == 0 or sum(calls.values()) < most:
        return 0.0
    within = sorted((second, count) for second, count in calls.items() if second > now - seconds - 1)
    surplus = sum(count for _, count in within) - most + 1
    for second, count in within:
        if surplus <= 0:
            break
        surplus -= count
        if surplus <= 0:
            return second + seconds + 1 - now
    return 0.0


class MemoryLedger:
    """Counts of one process."""

    def __init__(self) -> None:
        self._windows: defaultdict[tuple[str, str], _Window] = defaultdict(_Window)
        self._turns: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()

    def take(self, *, corp_id: str, api: str, limits: Limits, now: float) -> float:
        """Note a call and return 0.0, or note nothing and return in how many seconds there may be a place."""
        with self._lock:
            window = self._windows[corp_id, api]
            wait = window.wait(limits, now)
            if wait <= 0:
                window.note(now)
            return max(wait, 0.0)

    def close(self, *, corp_id: str, api: str, now: float) -> float:
        """Note that WeCom met its limit, and return for how many seconds nobody calls."""
        with self._lock:
            window = self._windows[corp_id, api]
            if now >= window.closed_until:
                window.closings += 1
                window.closed_until = now + closing_seconds(window.closings)
            return window.closed_until - now

    def reopen(self, *, corp_id: str, api: str) -> None:
        """Note that WeCom answered again after a limit."""
        window = self._windows.get((corp_id, api))
        if window is not None:
            window.closings = 0

    @contextlib.contextmanager
    def alone(self, *, corp_id: str, api: str) -> Iterator[None]:
        """Keep other threads out."""
        with self._lock:
            turn = self._turns[corp_id, api]
        with turn:
            yield


class FileLedger:
    """Counts of all processes of one machine, in a small SQLite file of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._takes = itertools.count()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Two that switch a new file to WAL in the same moment would not wait for each other.
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection = self._connection()
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLES)
            path.chmod(0o600)

    def take(self, *, corp_id: str, api: str, limits: Limits, now: float) -> float:
        """Note a call and return 0.0, or note nothing and return in how many seconds there may be a place."""
        connection, key = self._connection(), (corp_id, api)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            closed = connection.execute("SELECT until FROM closings WHERE corp = ? AND api = ?", key).fetchone()
            if closed is not None and closed[0] > now:
                return float(closed[0] - now)
            if wait := self._wait(connection, key, limits, now):
                return wait
            if next(self._takes) % _TIDIES_EVERY == 0:
                connection.execute("DELETE FROM calls WHERE second < ?", (now - HOUR - 1,))
            connection.execute(
                "INSERT INTO calls VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET calls = calls + 1", (*key, int(now))
            )
            return 0.0

    def close(self, *, corp_id: str, api: str, now: float) -> float:
        """Note that WeCom met its limit, and return for how many seconds nobody calls."""
        connection, key = self._connection(), (corp_id, api)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            found = connection.execute("SELECT until, times FROM closings WHERE corp = ? AND api = ?", key).fetchone()
            until, times = found or (0.0, 0)
            if now >= until:
                times += 1
                until = now + closing_seconds(times)
                connection.execute("INSERT OR REPLACE INTO closings VALUES (?, ?, ?, ?)", (*key, until, times))
            return float(until - now)

    def reopen(self, *, corp_id: str, api: str) -> None:
        """Note that WeCom answered again after a limit."""
        connection, key = self._connection(), (corp_id, api)
        # Nearly always there is nothing to note, and reading takes no lock.
        if connection.execute("SELECT 1 FROM closings WHERE corp = ? AND api = ? AND times > 0", key).fetchone():
            connection.execute("UPDATE closings SET times = 0 WHERE corp = ? AND api = ?", key)

    @contextlib.contextmanager
    def alone(self, *, corp_id: str, api: str) -> Iterator[None]:
        """Keep other threads and processes out; the turn of a process that died is free."""
        name = hashlib.sha256(f"{corp_id} {api}".encode()).hexdigest()[:16]
        turn = os.open(self._path.with_name(f"{self._path.stem}-{name}.turn"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield
        finally:
            os.close(turn)

    def calls(self, *, corp_id: str, now: float) -> list[Calls]:
        """Return how often each API was called within the last hour, and which are closed; waits for nobody."""
        connection = self._connection()
        within = "SELECT api, second, calls FROM calls WHERE corp = ? AND second > ? AND second <= ?"
        counted: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for api, second, calls in connection.execute(within, (corp_id, now - HOUR, now)):
            counted[api][second] += calls
        closed = dict(
            connection.execute("SELECT api, until FROM closings WHERE corp = ? AND until > ?", (corp_id, now))
        )
        return [_calls(api, counted[api], closed.get(api, 0.0), now) for api in sorted(counted.keys() | closed.keys())]

    def _wait(self, connection: sqlite3.Connection, key: tuple[str, str], limits: Limits, now: float) -> float:
        """Return in how many seconds there is a place; counting is left to SQLite until a limit is near."""
        recent = "SELECT COALESCE(SUM(calls), 0) FROM calls WHERE corp = ? AND api = ? AND second > ?"
        minute = connection.execute(recent, (*key, now - MINUTE - 1)).fetchone()[0]
        hour = connection.execute(recent, (*key, now - HOUR - 1)).fetchone()[0]
        if minute < limits.per_minute and hour < limits.per_hour:
            return 0.0
        within = "SELECT second, calls FROM calls WHERE corp = ? AND api = ? AND second > ?"
        rows = connection.execute(within, (*key, now - HOUR - 1)).fetchall()
        calls = Counter(dict(rows))
        return max(_wait(calls, limits.per_minute, MINUTE, now), _wait(calls, limits.per_hour, HOUR, now))

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this thread."""
        kept: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if kept is None:
            kept = sqlite3.connect(self._path, timeout=20, isolation_level=None)
            # Counts that a crash of the machine loses are counts of calls that WeCom counts too.
            kept.execute("PRAGMA synchronous = OFF")
            self._local.connection = kept
        return kept


def _calls(api: str, seconds: Counter[int], closed_until: float, now: float) -> Calls:
    by_minute = [0] * (HOUR // MINUTE)
    for second, count in seconds.items():
        by_minute[-1 - int((now - second) // MINUTE)] += count
    minute = sum(count for second, count in seconds.items() if second > now - MINUTE)
    return Calls(api, tuple(by_minute), minute, seconds.total(), closed_until)


def closing_seconds(times: int) -> float:
    """Return for how long nobody calls after the limit was met so many times without an answer in between."""
    return float(MINUTE if times == 1 else HOUR)
