"""How much more often one thing follows another than it follows anything: lift with its lower bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt

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


def chance_of(*, both: int, first: int, second: int, everybody: int) -> float:
    """Return how likely at least so many took the second after the first if they took it as often as everybody. 0-1.

    Args:
        both: as in `lift_of`, like the others.
        first: people who took the first.
        second: people who took the second.
        everybody: all people.

    Source:
        Upper tail of the binomial distribution, summed in logarithms.
    """
    usual = second / everybody
    if both <= 0 or usual >= 1:
        return 1.0
    tail = 0.0
    for count in range(both, first + 1):
        ways = lgamma(first + 1) - lgamma(count + 1) - lgamma(first - count + 1)
        term = exp(ways + count * log(usual) + (first - count) * log1p(-usual))
        tail += term
        if term < tail * 1e-15:
            break
    return min(tail, 1.0)


def most_likely_true(chances: Sequence[float], *, tested: int, false_ratio: float) -> list[bool]:
    """Return which of many findings may be told so that no more than a share of the told ones is expected to be chance.

    Args:
        chances: probability of each finding by chance alone. 0-1, shape (n,).
        tested: how many pairs were looked at, those that did not come into question included. Count, ``>= n``.
        false_ratio: share of the told findings that may be chance. 0-1.

    Returns:
        Shape (n,), aligned with the chances.

    Source:
        Benjamini & Hochberg (1995), "Controlling the false discovery rate", JRSS B 57, procedure (1).
    """
    ranked = sorted(chances)
    limits = [chance for rank, chance in enumerate(ranked, 1) if chance <= rank / tested * false_ratio]
    return [bool(limits) and chance <= limits[-1] for chance in chances]


def _wilson_low(happened: int, tried: int) -> float:
    share, spread = happened / tried, _Z_95**2 / tried
    middle = share + spread / 2
    width = _Z_95 * sqrt(share * (1 - share) / tried + spread / (4 * tried))
    return max((middle - width) / (1 + spread), 0.0)
