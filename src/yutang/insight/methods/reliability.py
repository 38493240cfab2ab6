"""Whether chances come true: of customers of whom the same chance was said, how many did it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yutang.insight.methods.purchases import FloatArray
from yutang.kit.special import ndtri

BINS = 10


@dataclass(frozen=True)
class ChanceBin:
    """Customers of whom about the same was said.

    Attributes:
        said: mean of what they are grouped by. 0-1.
        customers: how many they are. Count, ``>= 1``.
        expected: mean chance that it would happen. 0-1.
        actual: share of whom it did. 0-1.
        low: lower end of the 95 % interval of that share; `high` its upper end.
    """

    said: float
    customers: int
    expected: float
    actual: float
    low: float
    high: float


@dataclass(frozen=True)
class Reliability:
    """Chances against what happened.

    Attributes:
        customers: of whom a chance was said. Count.
        actual: share of whom it happened. 0-1.
        expected: mean chance. 0-1.
        brier: mean squared difference between chance and what happened (0 or 1); the less, the better.
        brier_constant: the same if everybody had been given the share of whom it happened.
        bins: by ascending chance; tenths without anybody are left out.
    """

    customers: int
    actual: float
    expected: float
    brier: float
    brier_constant: float
    bins: tuple[ChanceBin, ...]

    @property
    def skill(self) -> float | None:
        """Return how much less the squared difference is than of one chance for all, ``<= 1``; None where all did the same."""
        return 1 - self.brier / self.brier_constant if self.brier_constant else None

    @property
    def gap(self) -> float:
        """Return by how much chance and share differ in a bin on average, weighted by customers. 0-1."""
        return sum(each.customers * abs(each.expected - each.actual) for each in self.bins) / self.customers


def reliability(
    *, chance: FloatArray, happened: NDArray[np.bool_], said: FloatArray | None = None
) -> Reliability | None:
    """Return how chances came true; None without a customer. All arrays of shape ``(n,)``.

    Args:
        chance: that it would happen. 0-1.
        happened: whether it did.
        said: by tenths of which customers are grouped, where that is something else than the chance. 0-1.

    Source:
        Brier (1950), "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78(1); the diagram is
        that of Murphy & Winkler (1977), "Reliability of subjective probability forecasts", Applied Statistics 26.
    """
    if not len(chance):
        return None
    by = chance if said is None else said
    tenth = np.minimum((by * BINS).astype(np.int64), BINS - 1)
    customers = np.bincount(tenth, minlength=BINS)
    told, expected, hits = (np.bincount(tenth, each, BINS) for each in (by, chance, happened.astype(np.float64)))
    share = float(happened.mean())
    return Reliability(
        customers=len(chance),
        actual=share,
        expected=float(chance.mean()),
        brier=float(np.mean((chance - happened) ** 2)),
        brier_constant=share * (1 - share),
        bins=tuple(
            _bin(float(told[k]), float(expected[k]), int(hits[k]), int(customers[k]))
            for k in range(BINS)
            if customers[k]
        ),
    )


def _bin(told: float, expected: float, hits: int, customers: int) -> ChanceBin:
    low, high = share_interval(hits=hits, of=customers)
    return ChanceBin(told / customers, customers, expected / customers, hits / customers, low, high)


def share_interval(*, hits: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Return between what the share behind so many hits lies.

    Source:
        Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
    """
    z = float(ndtri(0.5 + level / 2))
    share, scale = hits / of, 1 + z**2 / of
    middle = (share + z**2 / (2 * of)) / scale
    half = z * float(np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2))) / scale
    return max(middle - half, 0.0), min(middle + half, 1.0)
