"""Limits as the simulated WeCom keeps them: per API by minute and hour, and how many calls run at once."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator

from yutang.connectors.wecom.simulator.asked import Refused
from yutang.connectors.wecom.simulator.rules import Rules

_WINDOWS = {"minute": 60.0, "hour": 3_600.0}


class Throttle:
    """Counts calls; what it refuses is counted too, so that a test can see whether a limit was met twice in a window."""

    def __init__(self) -> None:
        self.met: Counter[str] = Counter()
        self.met_while_closed: Counter[str] = Counter()
        #: Which API refused when, and how long it had been closed then: calls that were under way when it closed come at once.
        self.refusals: list[tuple[str, float, float]] = []
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._closed: dict[str, tuple[float, float]] = {}
        self._inside: Counter[str] = Counter()
        self._keys: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def count(self, api: str, *, rules: Rules, now: float) -> None:
        """Count a call, or refuse it for the rest of a window."""
        with self._lock:
            since, until = self._closed.get(api, (0.0, 0.0))
            if now < until:
                self.met_while_closed[api] += 1
                self.refusals.append((api, now, now - since))
                raise Refused(45009, "api freq out of limit")
            for name, most in (("minute", rules.per_minute), ("hour", rules.per_hour)):
                key = (api, name, int(now // _WINDOWS[name]))
                if self._counts[key] >= most:
                    self._close(api, now, _WINDOWS[name])
                self._counts[key] += 1

    def close(self, api: str, *, now: float, seconds: float) -> None:
        """Close an API for a window, as a fault that was ordered."""
        with self._lock, contextlib.suppress(Refused):
            self._close(api, now, seconds)

    def _close(self, api: str, now: float, seconds: float) -> None:
        self.met[api] += 1
        self.refusals.append((api, now, 0.0))
        self._closed[api] = (now, now + seconds)
        raise Refused(45009, "api freq out of limit")

    @contextlib.contextmanager
    def inside(self, api: str, *, at_once: int) -> Iterator[None]:
        """Refuse a call that is one too many at the same time."""
        with self._lock:
            if at_once and self._inside[api] >= at_once:
                raise Refused(45033, "concurrent limit")
            self._inside[api] += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside[api] -= 1

    @contextlib.contextmanager
    def alone(self, key: tuple[str, str] | None, errcode: int) -> Iterator[None]:
        """Refuse a call about the same thing as another one under way."""
        if key is None:
            yield
            return
        with self._lock:
            if key in self._keys:
                raise Refused(errcode, "concurrent write")
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)
