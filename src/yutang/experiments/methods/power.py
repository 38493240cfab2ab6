"""How many people it takes to see how small an effect."""

from __future__ import annotations

from math import ceil, sqrt

from yutang.experiments.methods.intervals import LEVEL, any_look_width, normal_width
from yutang.kit.special import ndtri

#: Share of experiments that find the effect where there is one as large as was asked for.
POWER = 0.8
#: The width of the interval hardly changes with the number of people, so that a few rounds settle both.
_ROUNDS = 60


def people_needed(
    *,
    effect: float,
    variance: float,
    held_out_ratio: float,
    planned: float | None = None,
    level: float = LEVEL,
    power: float = POWER,
) -> int:
    """Return how many people both arms need together.

    Args:
        effect: the difference a head that is to be found. ``!= 0``.
        variance: of the measure between people; ``p (1 - p)`` of a share. ``> 0``.
        held_out_ratio: share of all that is held out. In (0, 1).
        planned: for the interval that holds at any number of looks, the effective units at which it is narrowest; None: for the
            interval of one look.
        level: of the interval that is to leave out nothing. 0-1.
        power: share of such experiments that find it. 0-1.

    Raises:
        ValueError: the effect is nothing, or one arm has nobody.

    Source:
        Cohen (1988), "Statistical power analysis for the behavioral sciences", section 2.4, for two arms of unequal size, by
        the normal distribution; the width of the interval as in `any_look_width`.
    """
    if effect == 0 or not 0 < held_out_ratio < 1:
        raise ValueError("no number of people finds no effect, or compares with nobody")
    product = held_out_ratio * (1 - held_out_ratio)
    scale = variance / effect**2 / product
    people = (normal_width(level=level) + float(ndtri(power))) ** 2 * scale
    for _ in range(_ROUNDS if planned is not None else 0):
        width = any_look_width(effective_units=people * product, planned=planned or 1.0, level=level)
        people = (width + float(ndtri(power))) ** 2 * scale
    return ceil(people)


def smallest_effect(*, variance: float, width: float, power: float = POWER) -> float:
    """Return the smallest difference that an experiment finds so often.

    Args:
        variance: of the estimated difference.
        width: half the width, in standard errors, of the interval that is to leave out nothing.
        power: as for `people_needed`.
    """
    return (width + float(ndtri(power))) * sqrt(variance)
