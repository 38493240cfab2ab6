"""Two forecasts of the same customers against each other: which was better on what neither had seen, and by more than chance?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from yutang.insight.methods.purchases import FloatArray

#: Chance at most that any of several models that are no better is taken for better.
LEVEL = 0.05


@dataclass(frozen=True)
class Duel:
    """A model of a group's own against the one for all, on what was held out of the group's customers.

    Attributes:
        customers: compared. Count.
        gain: mean over customers of the logarithm of how much likelier the own model had called what happened.
        gain_error: standard error of it.
        chance: how probable such a gain were if the own model were no better. 0-1.
        happened: mean of what happened, a customer.
        own_mean: mean of what the own model foresaw; `other_mean` of the other.
        own_error: root of the mean squared difference between foreseen and happened; `other_error` of the other.
    """

    customers: int
    gain: float
    gain_error: float
    chance: float
    happened: float
    own_mean: float
    other_mean: float
    own_error: float
    other_error: float

    @property
    def is_better(self) -> bool:
        """Return whether the own model was ahead in both: likelier, and not farther off."""
        return self.gain > 0 and self.own_error <= self.other_error


def duel(
    *, happened: FloatArray, own: FloatArray, other: FloatArray, own_score: FloatArray, other_score: FloatArray
) -> Duel:
    """Return how two forecasts did on the same customers, ``n >= 2``; all arrays of shape ``(n,)``.

    Args:
        happened: what was held out, a customer.
        own: means that the group's own model foresaw.
        other: means that the other model foresaw.
        own_score: logarithm of the chance (or density) that the own model gave to what happened.
        other_score: the same of the other model.

    Source:
        Giacomini & White (2006), "Tests of conditional predictive ability", Econometrica 74(6), unconditional form: models that
        were fitted to other periods are compared by the mean of paired differences of a score over its standard error, which is
        standard normal if neither is better. The score is the logarithmic one, which the true model wins on average: Gneiting &
        Raftery (2007), "Strictly proper scoring rules, prediction, and estimation", JASA 102. The squared difference is the
        error because foreseen numbers are means: Gneiting (2011), "Making and evaluating point forecasts", JASA 106.
    """
    differences = own_score - other_score
    gain = float(differences.mean())
    error = float(differences.std(ddof=1)) / float(np.sqrt(len(differences)))
    return Duel(
        customers=len(differences),
        gain=gain,
        gain_error=error,
        chance=float(ndtr(-gain / error)) if error > 0 else 1.0,
        happened=float(happened.mean()),
        own_mean=float(own.mean()),
        other_mean=float(other.mean()),
        own_error=float(np.sqrt(np.mean((own - happened) ** 2))),
        other_error=float(np.sqrt(np.mean((other - happened) ** 2))),
    )


def beyond_chance(chances: Sequence[float], *, level: float = LEVEL) -> list[bool]:
    """Return which of several findings stand, so that any at all is false with at most the given chance.

    Args:
        chances: how probable each finding were if there were nothing. 0-1.
        level: see above. 0-1.

    Source:
        Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6.
    """
    stands = [False] * len(chances)
    for place, which in enumerate(sorted(range(len(chances)), key=lambda one: chances[one])):
        if chances[which] > level / (len(chances) - place):
            break
        stands[which] = True
    return stands
