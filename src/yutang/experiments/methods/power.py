"""How many people it takes to see how small an effect."""

from __future__ import annotations

from math import ceil, sqrt

from scipy.special import ndtri

from yutang.experiments.methods.intervals import LEVEL

#: Share of experiments that find the effect where there is one as large as was asked for.
POWER = 0.8


def people_needed(
    *, effect: float, variance: float, held_out_ratio: float, level: float = LEVEL, power: float = POWER
) -> int:
    """Return how many people both arms need together.

    Args:
        effect: the difference a head that is to be found. ``!= 0``.
        variance: of the measure between people; ``p (1 - p)`` of a share.
        held_out_ratio: share of all that is held out. In (0, 1).
        level: of the interval that is to leave out nothing. 0-1.
        power: share of such experiments that find it. 0-1.

    Raises:
        ValueError: the effect is nothing, or one arm has nobody.

    Source:
        Cohen (1988), "Statistical power analysis for the behavioral sciences", section 2.4, for two arms of unequal size, by
        the normal distribution.
    """
    if effect == 0 or not 0 < held_out_ratio < 1:
        raise ValueError("no number of people finds no effect, or compares with nobody")
    return ceil(_both(level, power) ** 2 * variance / effect**2 * (1 / held_out_ratio + 1 / (1 - held_out_ratio)))


def smallest_effect(*, variance: float, level: float = LEVEL, power: float = POWER) -> float:
    """Return the smallest difference that an experiment finds so often.

    Args:
        variance: of the estimated difference.
        level: as for `people_needed`.
        power: as for `people_needed`.
    """
    return _both(level, power) * sqrt(variance)


def _both(level: float, power: float) -> float:
    return float(ndtri((1 + level) / 2) + ndtri(power))
