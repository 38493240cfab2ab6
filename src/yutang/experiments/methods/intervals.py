"""Intervals of shares and of differences: for one look, and for as many looks as one likes."""

from __future__ import annotations

from math import log, sqrt

from yutang.kit.special import ndtri, stdtrit

#: Share of intervals that hold the truth.
LEVEL = 0.95
Interval = tuple[float, float]


def one_look(*, value: float, variance: float, freedom: float, level: float = LEVEL) -> Interval:
    """Return Student's interval of a mean or difference: it holds for one look that was planned.

    Args:
        value: the estimate.
        variance: of the estimate.
        freedom: degrees of freedom of the variance. ``> 0``.
        level: share of such intervals that hold the truth. 0-1.
    """
    half = float(stdtrit(freedom, (1 + level) / 2)) * sqrt(variance)
    return value - half, value + half


def any_look_width(*, effective_units: float, planned: float, level: float = LEVEL) -> float:
    """Return half the width, in standard errors, of an interval that holds at every look at once.

    It is the boundary of a mixture of normal tests: whoever looks every day and stops at the first interval that leaves out
    nothing is wrong in no more than ``1 - level`` of the cases where there is nothing.

    Args:
        effective_units: ``1 / (1 / treated + 1 / held out)`` at this look. ``> 0``.
        planned: effective units at which the interval is to be narrowest, chosen without a look at the outcome. ``> 0``.
        level: share of experiments in which every interval holds the truth. 0-1.

    Source:
        Robbins (1970), "Statistical methods related to the law of the iterated logarithm", section 3; for estimated variances
        Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), "Time-uniform central limit theory and asymptotic confidence
        sequences", theorem 2.2, with rho by their appendix B.2. As "always valid": Johari, Pekelis & Walsh (2022).
    """
    surprise = -2 * log(1 - level)
    ratio = (surprise + log(surprise + 1)) * effective_units / planned
    return sqrt((1 + 1 / ratio) * (surprise + log(1 + ratio)))


def normal_width(*, level: float = LEVEL) -> float:
    """Return half the width, in standard errors, of the normal interval of one look: 1.96 for 95 %."""
    return float(ndtri((1 + level) / 2))


def share_interval(*, happened: float, tried: float, width: float) -> Interval:
    """Return the interval of a share, also of few or of none.

    Args:
        happened: of those. Count, ``<= tried``.
        tried: who could. Count, ``> 0``.
        width: half the width in standard errors.

    Source:
        Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    share, spread = happened / tried, width**2 / tried
    middle = share + spread / 2
    half = width * sqrt(share * (1 - share) / tried + spread / (4 * tried))
    return max((middle - half) / (1 + spread), 0.0), min((middle + half) / (1 + spread), 1.0)


def share_difference(*, first: tuple[float, float], second: tuple[float, float], width: float) -> Interval:
    """Return the interval of the difference of two shares, also where hardly anybody did, or hardly anybody did not.

    Args:
        first: how many did, of how many.
        second: likewise; its share is taken from the first one's.
        width: half the width in standard errors.

    Source:
        Newcombe (1998), "Interval estimation for the difference between independent proportions: comparison of eleven methods",
        method 10.
    """
    a, b = first[0] / first[1], second[0] / second[1]
    low_a, high_a = share_interval(happened=first[0], tried=first[1], width=width)
    low_b, high_b = share_interval(happened=second[0], tried=second[1], width=width)
    value = a - b
    return value - sqrt((a - low_a) ** 2 + (high_b - b) ** 2), value + sqrt((high_a - a) ** 2 + (b - low_b) ** 2)
