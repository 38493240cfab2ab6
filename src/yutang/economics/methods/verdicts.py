"""What the newcomers of a programme say about it: four claims, each with the evidence against it, and intervals.

Newcomers leave early and stay late: whoever left is known at once, whoever stays only after the days of keeping. Reckoning in the order
in which it becomes known would make every programme look bad at first. So the bets stand in the order in which the newcomers came, and
all who are not decided count in the programme's favour - as kept, as not having left at once, as having ordered. The capital is then
never above the one that the later truth gives, and the guarantee of `betting` holds at every moment, while those who leave count the
moment they leave.

It holds for the capital after every newcomer, so also for the largest of them: the newest, of whom nothing can be known yet, need not
dilute what is known of those before. The capital is looked at up to the newcomers of several ages (`AGES_HOURS`), and the largest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt

from yutang.economics.methods.betting import (
    BLOCK,
    Numbers,
    gains_of_costs,
    gains_of_too_few,
    gains_of_too_many,
    log_capital,
    share_within,
)

Flags = npt.NDArray[np.bool_]

#: Chance that a programme of which all claims hold is ever paused by the evidence.
RISK = 0.05
#: What each claim has of the risk; together 1.
SHARES = {"cost": 0.35, "left_at_once": 0.35, "kept": 0.2, "ordered": 0.1}
#: Whoever leaves within this span left at once. Hours.
AT_ONCE_HOURS = 24
#: After so many days a newcomer is kept or not, and has ordered early or not. Days.
KEPT_DAYS = 7
#: The newest are left out of a look up to these ages. Hours.
AGES_HOURS = (0.0, 1.0, 3.0, 8.0, 24.0, 72.0)
#: What is allowed where nothing is known of organic newcomers: of ten, three may leave at once.
MOST_LEFT_AT_ONCE = 0.30
#: However few organic ones leave at once, this share is no alarm.
LEAST_ALARM = 0.15
#: The quality has fallen when a share is so much of that of the organic newcomers.
FALLEN_TO = 0.5
#: How sure the shares of the organic ones are taken: the end of an interval of this risk.
_ORGANIC_RISK = 0.10


@dataclass(frozen=True)
class Newcomers:
    """Newcomers in the order in which they came, arrays of shape ``(n,)``, aligned by position.

    Attributes:
        age: for how long each has been there. Hours, descending.
        cost: what each cost up to now. Minor units, ``>= 0``.
        is_gone: left, or found not to be there after the days of keeping.
        is_kept: found to be there after the days of keeping. Who is neither is not decided.
        left_at_once: left within `AT_ONCE_HOURS`.
        may_order_early: has ordered within `KEPT_DAYS`, or still can.
    """

    age: Numbers
    cost: Numbers
    is_gone: Flags
    is_kept: Flags
    left_at_once: Flags
    may_order_early: Flags


@dataclass(frozen=True)
class Organic:
    """What became of the newcomers who came by themselves. Counts; `ordered`: within `KEPT_DAYS`."""

    newcomers: int
    kept: int
    left_at_once: int
    ordered: int


@dataclass(frozen=True)
class Bounds:
    """What is claimed of a programme. A share of None is not claimed.

    Attributes:
        worth: of a kept newcomer. Minor units, ``> 0``.
        most_left_at_once: share that may leave at once. 0-1.
        least_kept: share that is kept at least. 0-1.
        least_ordered: share that orders early at least. 0-1.
    """

    worth: float
    most_left_at_once: float | None = MOST_LEFT_AT_ONCE
    least_kept: float | None = None
    least_ordered: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What is said of a programme.

    Attributes:
        refuted: the claim that does not hold, the surest first; empty while all may hold.
        evidence: by claim, how far the capital has come on the way to its threshold: 1 refutes, 0 is the beginning, below speaks for it.
    """

    refuted: str
    evidence: dict[str, float]


@dataclass(frozen=True)
class CostPerKept:
    """What a kept newcomer costs: ends of an interval that holds at all times. Minor units; high of infinity: nothing is known."""

    low: float
    high: float


def verdict_on(newcomers: Newcomers, bounds: Bounds) -> Verdict:
    """Return which claim the newcomers refute, and how strong the evidence against each is."""
    # As many as are so old, each number once.
    firsts = sorted({int((newcomers.age >= hours).sum()) for hours in AGES_HOURS})
    found = {
        name: max(float(log_capital(counts=counts, gains=values)) for counts, values in _cut(gains, firsts))
        / threshold(name)
        for name, gains in _bets(newcomers, bounds)
    }
    refuting = sorted((name for name in found if found[name] >= 1), key=lambda name: -found[name])
    return Verdict(refuting[0] if refuting else "", found)


def threshold(claim: str) -> float:
    """Return the logarithm of the capital that refutes a claim."""
    return -log(RISK * SHARES[claim])


def bounds_from(*, worth: float, organic: Organic | None) -> Bounds:
    """Return what is claimed of a programme whose newcomers are to be like the organic ones, as far as these are known.

    The ends of the intervals of the organic shares are taken that are kinder to the programme.
    """
    if organic is None or organic.newcomers == 0:
        return Bounds(worth)
    n = np.array([organic.newcomers] * 3)
    counted = np.array([organic.left_at_once, organic.kept, organic.ordered])
    low, high = share_within(least=counted, most=counted, n=n, risk=_ORGANIC_RISK)
    most_left = min(max(2 * float(high[0]), LEAST_ALARM), 0.95)
    return Bounds(worth, most_left, _claimed(FALLEN_TO * float(low[1])), _claimed(FALLEN_TO * float(low[2])))


def cost_per_kept(
    *, cost: npt.ArrayLike, kept: npt.ArrayLike, open_: npt.ArrayLike, n: npt.ArrayLike
) -> tuple[CostPerKept, ...]:
    """Return what a kept newcomer costs after each of several moments, with an interval that holds at all of them together.

    The share kept lies within its interval; the cost of a newcomer is taken as it was.

    Args:
        cost: of all newcomers up to then, shape ``(t,)``. Minor units.
        kept: found kept, shape ``(t,)``. Count.
        open_: not decided, shape ``(t,)``. Count.
        n: all, shape ``(t,)``. Count.
    """
    kept, open_, n = (np.asarray(one, dtype=np.float64) for one in (kept, open_, n))
    low, high = share_within(least=kept, most=kept + open_, n=n, risk=RISK)
    each = np.divide(np.asarray(cost, dtype=np.float64), n, out=np.zeros_like(n), where=n > 0)
    with np.errstate(divide="ignore"):
        ends = zip(each / high, np.where(low > 1e-6, each / np.maximum(low, 1e-6), np.inf), strict=True)
    return tuple(CostPerKept(float(least), float(most)) for least, most in ends)


def _bets(newcomers: Newcomers, bounds: Bounds) -> Iterable[tuple[str, Numbers]]:
    may_be_kept = ~newcomers.is_gone
    yield "cost", gains_of_costs(costs=np.maximum(newcomers.cost, 0), kept=may_be_kept, worth=bounds.worth)
    if bounds.most_left_at_once is not None:
        yield "left_at_once", gains_of_too_many(happened=newcomers.left_at_once, most=bounds.most_left_at_once)
    if bounds.least_kept is not None:
        yield "kept", gains_of_too_few(happened=may_be_kept, least=bounds.least_kept)
    if bounds.least_ordered is not None:
        yield "ordered", gains_of_too_few(happened=newcomers.may_order_early, least=bounds.least_ordered)


def _cut(gains: Numbers, firsts: Iterable[int]) -> Iterator[tuple[npt.NDArray[Any], Numbers]]:
    """Yield, for the first so many newcomers, how many of each block have each gain, ``(blocks, groups)``, and the gains, ``(groups,)``."""
    values, group = np.unique(gains, return_inverse=True)
    block = np.arange(len(gains)) // BLOCK
    for first in firsts:
        counts = np.zeros((-(-first // BLOCK), len(values)))
        np.add.at(counts, (block[:first], group[:first]), 1)
        yield counts, values


def _claimed(share: float) -> float | None:
    """Return a share that can be claimed: what lies next to nothing cannot be refuted by waiting."""
    return share if share >= 0.01 else None
