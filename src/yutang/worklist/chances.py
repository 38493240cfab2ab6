"""How likely a touch helps: what was assumed, moved by what followed the touches that were done.

Source: subclassification of the touched and the untouched by what they had bought before (Cochran 1968, "The effectiveness of
adjustment by subclassification in removing bias in observational studies"); the estimate is drawn to the assumption as if
that stood on `ASSUMED_TOUCHES` touches.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

#: So many touches the assumed chance weighs as much as.
ASSUMED_TOUCHES = 100
#: A touch is never said to be useless: nothing would be done, and so nothing learnt.
_LEAST = 0.01
#: Half of the width of an interval that holds four in five cases, in standard errors.
_FOUR_IN_FIVE = 1.2816


@dataclass(frozen=True)
class Effect:
    """Difference that touches made to the share of people who order within 30 days.

    Attributes:
        touched: people who were touched and compared. Count.
        ratio: of these, who ordered. 0-1.
        similar_ratio: of similar people who were not touched. 0-1.
        difference: `ratio` less `similar_ratio`.
        low: lower end of the interval in which the difference lies in four of five cases; `high` is the upper end.
    """

    touched: int
    ratio: float
    similar_ratio: float
    difference: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out that the touches changed nothing."""
        return self.low > 0 or self.high < 0


def effect_of(*, touched: int, ordered: int, expected: float, spread: float) -> Effect | None:
    """Return the difference that touches made; None where nobody was compared.

    Args:
        touched: people who were touched and compared. Count.
        ordered: of these, who ordered within 30 days. Count.
        expected: how many of as many similar people did. Count.
        spread: standard error of the difference of the two shares.
    """
    if not touched:
        return None
    difference = (ordered - expected) / touched
    width = _FOUR_IN_FIVE * spread
    return Effect(touched, ordered / touched, expected / touched, difference, difference - width, difference + width)


def spread_of(*, touched: int, ordered: int, similar_variance: float) -> float:
    """Return the standard error of the difference of two shares.

    Args:
        touched: people who were touched. Count.
        ordered: of these, who ordered. Count.
        similar_variance: of the share of the similar people.
    """
    # One more of each kind than seen: nobody of three is not surely nobody.
    ratio = (ordered + 1) / (touched + 2)
    return sqrt(ratio * (1 - ratio) / touched + similar_variance)


def chance_after(*, assumed: float, effect: Effect | None) -> float:
    """Return the chance that a touch helps: the assumed one, moved by what was seen. 0-1."""
    if effect is None:
        return assumed
    weight = effect.touched / (effect.touched + ASSUMED_TOUCHES)
    return min(1.0, max(_LEAST, (1 - weight) * assumed + weight * effect.difference))
