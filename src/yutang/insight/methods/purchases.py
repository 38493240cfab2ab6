"""Purchase histories as the models of customer value see them: equal ones counted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

#: Models count time in weeks, as the papers do; days stay the unit of everything else.
WEEK_DAYS = 7


@dataclass(frozen=True)
class Histories:
    """Distinct purchase histories and how many customers have each. Arrays of shape ``(n,)``, aligned by position.

    Attributes:
        x: repeat purchases. Count, ``>= 0``.
        t_x: time of the last purchase since the first. Any unit of time, 0 where ``x == 0``.
        T: age since the first purchase. Same unit, ``>= t_x``.
        weight: customers with this history. Count, ``>= 1``.
        step: of which all times are whole multiples; 0 where there is none.
    """

    x: IntArray
    t_x: FloatArray
    T: FloatArray
    weight: FloatArray
    step: float = 0.0

    @property
    def customers(self) -> int:
        """Return how many customers there are."""
        return int(self.weight.sum())

    def times(self, which: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return the distinct values of one of the times and the place of each history's among them, shape (n,).

        There are few: what is computed of a time is computed once for each of them.
        """
        if self.step:
            places = np.rint(which / self.step).astype(np.int64)
            return np.arange(places.max(initial=0) + 1) * self.step, places
        values, found = np.unique(which, return_inverse=True)
        return values, found

    def sample(self, size: int) -> Histories:
        """Return about so many of the histories, evenly through them; all where there are not more."""
        every = slice(None, None, max(len(self.x) // size, 1))
        return Histories(self.x[every], self.t_x[every], self.T[every], self.weight[every], self.step)

    @property
    def repeaters(self) -> int:
        """Return how many of them came back."""
        return int(self.weight[self.x > 0].sum())


def distinct_histories(*, x: IntArray, t_x: IntArray, T: IntArray, units_a_day: float = 1.0) -> Histories:  # noqa: N803
    """Return the distinct histories of customers.

    Args:
        x: repeat purchase days. Count, shape (n,), ``>= 0``.
        t_x: days from the first to the last purchase. Shape (n,), ``0 <= t_x <= T``.
        T: days since the first purchase. Shape (n,).
        units_a_day: by which times are multiplied: 1/7 gives weeks.

    Raises:
        ValueError: a time is negative, or a last purchase lies after the age.
    """
    if len(x) and (min(x.min(), t_x.min()) < 0 or (t_x > T).any()):
        raise ValueError("histories need 0 <= x and 0 <= t_x <= T")
    span = int(T.max()) + 1 if len(T) else 1
    keys, counts = np.unique((x * span + t_x) * span + T, return_counts=True)
    return Histories(
        x=keys // (span * span),
        t_x=(keys // span % span) * units_a_day,
        T=(keys % span) * units_a_day,
        weight=counts.astype(np.float64),
        step=units_a_day,
    )
