"""The simulator's clock: it runs with the real one until a test moves or stops it."""

from __future__ import annotations

import math
import threading
import time

from yutang.kit.text import N_

#: Beyond this instant the clock does not go: the year 2200. Seconds since 1970.
LATEST = 7_258_118_400.0


class ClockCannotGoThere(ValueError):
    """The clock was told to go back, or to where no calendar goes."""

    def __init__(self) -> None:
        super().__init__(N_("The clock goes forward only, and not beyond the year 2199."))


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
            ClockCannotGoThere: `seconds` is negative or no number, or leads beyond `LATEST`.
        """
        with self._lock:
            if not (math.isfinite(seconds) and seconds >= 0 and self._now() + seconds < LATEST):
                raise ClockCannotGoThere
            if self._stopped_at is None:
                self._ahead += seconds
            else:
                self._stopped_at += seconds
            return self._now()

    def stop(self, at: float | None = None) -> float:
        """Stop the clock, where it is or at a given moment, and return what time it is.

        Raises:
            ClockCannotGoThere: `at` is no number, before 1970 or beyond `LATEST`.
        """
        with self._lock:
            if at is not None and not 0 <= at < LATEST:
                raise ClockCannotGoThere
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
