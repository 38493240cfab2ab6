"""Two forecasts of the same customers against each other: which was better on what neither had seen, and by more than chance?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yutang.insight.methods.purchases import FloatArray
from yutang.kit.special import stdtr

#: Chance at most that any of several models that are no better is taken for better.
LEVEL = 0.05
#: So many random groups at least tell what luck is worth.
LEAST_DRAWS = 8
#: Median of the square of a standard normal variable.
_MEDIAN_OF_SQUARE = 0.4549364
#: What a spread told by a median is worth, as a share of the draws.
_EFFICIENCY = 0.37


@dataclass(frozen=True)
class Duel:
    """A model of a group's own against the one for all, on what was held out of the group's customers.

    Attributes:
        customers: compared. Count.
        gain: mean over customers of the logarithm of how much likelier the own model had called what happened.
        gain_error: standard error of it, given the two models.
        luck: how much own models of random groups of this size gain or lose; see `beside_luck`.
        chance: how probable such a gain were if the group were like everybody. 0-1; 1 as long as luck is not known.
        happened: mean of what happened, a customer.
        own_mean: mean of what the own model foresaw; `other_mean` of the other.
        own_error: root of the mean squared difference between foreseen and happened; `other_error` of the other.
    """

    customers: int
    gain: float
    gain_error: float
    luck: float | None
    chance: float
    happened: float
    own_mean: float
    other_mean: float
    own_error: float
    other_error: float

    @property
    def may_be_used(self) -> bool:
        """Return whether the own model was better by so much that luck is worth measuring."""
        return self.is_better and self.gain > 1.5 * self.gain_error

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
        The score is the logarithmic one, which the true model wins on average: Gneiting & Raftery (2007), "Strictly proper scoring
        rules, prediction, and estimation", JASA 102. The squared difference is the error because foreseen numbers are means:
        Gneiting (2011), "Making and evaluating point forecasts", JASA 106.
    """
    differences = own_score - other_score
    return Duel(
        customers=len(differences),
        gain=float(differences.mean()),
        gain_error=float(differences.std(ddof=1)) / float(np.sqrt(len(differences))),
        luck=None,
        chance=1.0,
        happened=float(happened.mean()),
        own_mean=float(own.mean()),
        other_mean=float(other.mean()),
        own_error=float(np.sqrt(np.mean((own - happened) ** 2))),
        other_error=float(np.sqrt(np.mean((other - happened) ** 2))),
    )


def beside_luck(found: Duel, *, draws: Sequence[Duel], scale: float) -> Duel:
    """Return a duel with the chance of its gain, if the group were like everybody.

    Args:
        found: of the group.
        draws: of own models of random groups of everybody's customers.
        scale: variance of the parameters of a model of the group over that of a random group's, both against everybody's.

    Source:
        Means of paired differences of a score over their standard error, as in Diebold & Mariano (1995), "Comparing predictive
        accuracy", JBES 13(3), with the uncertainty of the fitted parameters added as West (1996), "Asymptotic inference about
        predictive ability", Econometrica 64(5), shows that it must be: where no model is quite true (a season, say), parameters
        that are off by nothing but chance foresee a later period better or worse in all customers at once, which the standard
        error over customers does not see. How much is measured by random groups, as a randomisation test does. The efficiency of
        a spread by the median: Rousseeuw & Croux (1993), "Alternatives to the median absolute deviation", JASA 88.
    """
    if len(draws) < LEAST_DRAWS:
        return found
    # By the median, because a small random group can have a hopeless fit.
    spread = float(np.median([each.gain**2 for each in draws])) / _MEDIAN_OF_SQUARE
    luck = float(np.sqrt(spread * scale))
    error, freedom = float(np.hypot(found.gain_error, luck)), len(draws) * _EFFICIENCY
    return replace(found, luck=luck, chance=float(stdtr(freedom, -found.gain / error)) if error > 0 else 1.0)


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
