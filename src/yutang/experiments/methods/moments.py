"""What an effect is reckoned from: counts, means and variances of one arm, so that a million people are one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """One arm, drawn at one set of shares, in one measure; variances are those of samples (divided by ``units - 1``).

    Attributes:
        units: what was drawn: people, or whole groups. Count.
        people: people in them; as many as units where each unit is a person. Count.
        y_mean: the measure in the window after the draw, a unit.
        x_mean: the same measure in the days before, a unit.
        size_mean: people a unit.
        y_var: variance of the measure between units; likewise `x_var` and `size_var`.
        yx_cov: covariance between after and before; likewise `y_size_cov` and `x_size_cov` with the size of the unit.
    """

    units: int
    people: float
    y_mean: float
    x_mean: float = 0.0
    size_mean: float = 1.0
    y_var: float = 0.0
    x_var: float = 0.0
    size_var: float = 0.0
    yx_cov: float = 0.0
    y_size_cov: float = 0.0
    x_size_cov: float = 0.0


@dataclass(frozen=True)
class Sample:
    """An arm a head: mean, and the variances that the mean of its units has, times the number of units.

    Attributes:
        units: independent draws. Count.
        people: people in them. Count.
        mean: of the measure after the draw, a person.
        before: of the same measure before it, a person.
        var: variance of one unit's part in the mean; likewise `before_var`.
        cov: covariance of the parts after and before.
    """

    units: int
    people: float
    mean: float
    before: float
    var: float
    before_var: float
    cov: float


def moments_of(*, y: Floats, x: Floats | None = None, sizes: Floats | None = None) -> Moments:
    """Return the moments of units.

    Args:
        y: the measure of each unit after the draw. Shape (n,), ``n > 0``.
        x: the same before the draw; None: not known. Shape (n,).
        sizes: people in each unit; None: one. Shape (n,).
    """
    n = len(y)
    rows = np.stack([y, np.zeros(n) if x is None else x, np.ones(n) if sizes is None else sizes]).astype(np.float64)
    mean, cov = rows.mean(axis=1), np.cov(rows) if n > 1 else np.zeros((3, 3))
    return Moments(
        units=n,
        people=float(rows[2].sum()),
        y_mean=float(mean[0]),
        x_mean=float(mean[1]),
        size_mean=float(mean[2]),
        y_var=float(cov[0, 0]),
        x_var=float(cov[1, 1]),
        size_var=float(cov[2, 2]),
        yx_cov=float(cov[0, 1]),
        y_size_cov=float(cov[0, 2]),
        x_size_cov=float(cov[1, 2]),
    )


def a_head(arm: Moments) -> Sample:
    """Return the measure a person with the variance that drawing whole units gives it.

    With people as units nothing changes. With groups the mean a person is a ratio of two means, and its variance is that of the
    units' parts ``(y - mean * size) / mean size``.

    Raises:
        ValueError: the units hold nobody.

    Source:
        Deng, Knoblich & Lu (2018), "Applying the delta method in metric analytics: a practical guide with novel ideas", KDD,
        equation 3 (the ratio of two means over randomised units); the covariance by the same expansion.
    """
    if arm.size_mean <= 0:
        raise ValueError("the units of an arm hold nobody")
    size = arm.size_mean
    y, x = arm.y_mean / size, arm.x_mean / size
    var = arm.y_var - 2 * y * arm.y_size_cov + y * y * arm.size_var
    before_var = arm.x_var - 2 * x * arm.x_size_cov + x * x * arm.size_var
    cov = arm.yx_cov - x * arm.y_size_cov - y * arm.x_size_cov + x * y * arm.size_var
    return Sample(
        units=arm.units,
        people=arm.people,
        mean=y,
        before=x,
        var=max(var, 0.0) / size**2,
        before_var=max(before_var, 0.0) / size**2,
        cov=cov / size**2,
    )
