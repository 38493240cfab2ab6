"""When a delivery is tried again, and when nobody tries any more."""

from __future__ import annotations

import random
from datetime import timedelta

#: Pauses grow from seconds to half a day and add up to a little over three days.
FIRST_PAUSE = timedelta(seconds=5)
GROWTH = 6
LONGEST_PAUSE = timedelta(hours=12)
MOST_ATTEMPTS = 12
#: A receiver that takes nothing is left alone for longer and longer, so that its queue does not hold up the others.
_LONGEST_REST = timedelta(minutes=10)
#: A receiver that took nothing for so long is switched off.
OFF_AFTER = timedelta(days=3)
#: While one attempt goes on, nobody else makes it; a killed worker's is made again after that.
LEASE = timedelta(seconds=60)


def pause_after(attempts: int, *, asked_seconds: float | None = None) -> timedelta:
    """Return how long to wait after so many attempts: 5 s, six times as long each time, at most 12 hours, and up to a fifth more.

    Args:
        attempts: made so far, 1 at least.
        asked_seconds: what the receiver asked for at least; None: nothing.
    """
    growth: int = GROWTH ** min(attempts - 1, 10)
    pause = min(FIRST_PAUSE * growth, LONGEST_PAUSE)
    if asked_seconds is not None:
        pause = max(pause, timedelta(seconds=asked_seconds))
    return pause * (1 + random.random() / 5)  # noqa: S311 - spreads load, hides nothing.


def rest_after(failures: int) -> timedelta:
    """Return how long a receiver is left alone after so many rounds without success: 5 s, doubled each time, at most 10 minutes."""
    growth: int = 2 ** min(failures - 1, 10)
    return min(FIRST_PAUSE * growth, _LONGEST_REST)
