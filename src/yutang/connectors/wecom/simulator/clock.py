"""The simulator's clock: it runs with the real one until a test moves or stops it."""

from __future__ import annotations

import threading
import time


class SimulatorClock:
    """Seconds since 1970, as the simulator sees them."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._stopped_at: float | None = None
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return what time it is."""
        with self._lock:
            return self._now()

    def advance(self, seconds: float) -> float:
        """Move the clock on, and return what time it is then; it never goes back.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError("the clock goes forward only")
        with self._lock:
            if self._stopped_at is None:
                self._ahead += seconds
            else:
                self._stopped_at += seconds
            return self._now()

    def stop(self, at: float | None = None) -> float:
        """Stop the clock, where it is or at a given moment, and return what time it is."""
        with self._lock:
            self._stopped_at = self._now() if at is None else at
            return self._stopped_at

    def run(self) -> float:
        """Let the clock run on from where it is."""
        with self._lock:
            if self._stopped_at is not None:
                self._ahead, self._stopped_at = self._stopped_at - time.time(), None
            return self._now()

    @property
    def ahead(self) -> float:
        """How far it is ahead of the real time. Seconds."""
        return self.now() - time.time()

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self._stopped_at is None

    def _now(self) -> float:
        return time.time() + self._ahead if self._stopped_at is None else self._stopped_at
