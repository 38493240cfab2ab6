"""How much more often one thing follows another than it follows anything: lift with its lower bound."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

#: Half width of a 95 % interval in standard errors.
_Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Lift:
    """How one thing follows another.

    Attributes:
        ratio: share of those with the first who took the second next. 0-1.
        lift: that share by the share of everybody who took the second next; 1 means no relation.
        low: lift at the lower end of the 95 % interval of the share: what is sure.
    """

    ratio: float
    lift: float
    low: float


def lift_of(*, both: int, first: int, second: int, everybody: int) -> Lift:
    """Return how much more often the second thing is taken next after the first than after anything.

    Args:
        both: people who took the second right after the first. Count, ``<= first`` and ``<= second``.
        first: people who took the first, and something after it. Count, ``> 0``.
        second: people who took the second after anything. Count, ``> 0``.
        everybody: people who took anything after anything. Count.

    Raises:
        ValueError: the counts contradict each other.

    Source:
        Lift: Brin, Motwani, Ullman & Tsur (1997), "Dynamic itemset counting and implication rules for market basket data" (as
        interest). Lower bound of a share: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not 0 <= both <= min(first, second) or min(first, second) < 1 or max(first, second) > everybody:
        raise ValueError(f"{both} of {first} and of {second} among {everybody} people is impossible")
    ratio, usual = both / first, second / everybody
    return Lift(ratio, ratio / usual, _wilson_low(both, first) / usual)


def _wilson_low(happened: int, tried: int) -> float:
    share, spread = happened / tried, _Z_95**2 / tried
    middle = share + spread / 2
    width = _Z_95 * sqrt(share * (1 - share) / tried + spread / (4 * tried))
    return max((middle - width) / (1 + spread), 0.0)
