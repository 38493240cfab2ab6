"""How long until something happens, with those still waiting counted for as long as they were watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, sqrt

#: Half width of a 95 % interval in standard errors.
_Z_95 = 1.959963984540054


@dataclass(frozen=True)
class SurvivalStep:
    """What is known from one day on, until the next step.

    Attributes:
        day: days since the start. ``>= 1``.
        at_risk: who still waited right before it. Count.
        events: to whom it happened on it. Count.
        waiting: estimated share that still waits after it. 0-1.
        low: lower end of the 95 % interval of `waiting`; None where nobody waits any more, or everybody does.
        high: upper end.
    """

    day: int
    at_risk: int
    events: int
    waiting: float
    low: float | None
    high: float | None


def survival_steps(*, days: Sequence[int], events: Sequence[int], censored: Sequence[int]) -> tuple[SurvivalStep, ...]:
    """Return the Kaplan-Meier estimate, one step a day with an event.

    Args:
        days: distinct days since the start, rising. ``>= 0``, shape (n,).
        events: to how many it happened on that day. Count, shape (n,).
        censored: how many were watched until that day and still wait. Count, shape (n,); they count as waiting on it.

    Raises:
        ValueError: the days do not rise.

    Source:
        Kaplan & Meier (1958), "Nonparametric estimation from incomplete observations", JASA 53, equation 2b; the variance by
        Greenwood (1926), the interval on the scale of log(-log): Kalbfleisch & Prentice (2002), equation 1.13.
    """
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise ValueError("the days of a survival estimate rise")
    at_risk, waiting, variance = sum(events) + sum(censored), 1.0, 0.0
    steps = []
    for day, happened, lost in zip(days, events, censored, strict=True):
        if happened:
            waiting *= 1 - happened / at_risk
            variance += happened / (at_risk * (at_risk - happened)) if at_risk > happened else 0.0
            steps.append(SurvivalStep(day, at_risk, happened, waiting, *_interval(waiting, variance)))
        at_risk -= happened + lost
    return tuple(steps)


def day_reached(steps: Sequence[SurvivalStep], *, share: float) -> int | None:
    """Return the first day by which at least this share no longer waits; None where it is not reached while watched.

    Args:
        steps: of `survival_steps`.
        share: 0.5 is the median. 0-1.

    Source:
        The median as Brookmeyer & Crowley (1982), "A confidence interval for the median survival time", define it.
    """
    return next((step.day for step in steps if step.waiting <= 1 - share + 1e-12), None)


def share_reached(steps: Sequence[SurvivalStep], *, day: int) -> float:
    """Return the estimated share that no longer waits after a day. 0-1."""
    waiting = [step.waiting for step in steps if step.day <= day]
    return 1 - waiting[-1] if waiting else 0.0


def _interval(waiting: float, variance: float) -> tuple[float | None, float | None]:
    if not 0 < waiting < 1:
        return None, None
    width = _Z_95 * sqrt(variance) / abs(log(waiting))
    return waiting ** exp(width), waiting ** exp(-width)
