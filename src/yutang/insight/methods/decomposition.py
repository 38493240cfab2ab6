"""How much each factor of a product moved it: exact effects that add up to the difference, also around zero.

A product is told as a ladder of counts, each rung a factor of the next: with the rungs buyers, orders, sales the factors
are buyers, orders a buyer, order value, and their product is the last rung.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import factorial, floor, log, prod
from typing import Literal, TypeAlias

#: Ways to share what factors do together.
Method = Literal["shapley", "lmdi"]
METHODS: tuple[Method, ...] = ("shapley", "lmdi")

_Factors: TypeAlias = tuple[Fraction, ...]


class LadderIsBroken(ValueError):
    """A rung is zero and a later one is not, so that no product of factors can make it."""


def ladder_effects(*, before: Sequence[int], after: Sequence[int], method: Method = "shapley") -> tuple[Fraction, ...]:
    """Return how much of the change of the last rung each factor made; the effects add up to it exactly.

    A factor that divides by zero (orders a buyer without a buyer) has no value; it is taken as it is on the other side,
    so that what vanished or came anew belongs to the first factor that is zero.

    Args:
        before: rungs of the earlier product, for example ``(buyers, orders, sales_minor)``. Counts, ``>= 0``; the last
            one may be negative.
        after: the same rungs of the later product.
        method: ``shapley`` (exact for any values), or ``lmdi`` where every factor is positive on both sides and Shapley
            elsewhere, because LMDI has logarithms of them.

    Returns:
        One effect a rung, in the unit of the last rung.

    Raises:
        LadderIsBroken: a rung is zero while a later one is not.
        ValueError: the ladders have different lengths or none.

    Source:
        Shapley (1953), "A value for n-person games"; as an exact decomposition: Albrecht, Francois & Schoors (2002), "A
        Shapley decomposition of carbon emissions without residuals", Energy Policy 30. LMDI: Ang (2005), "The LMDI approach
        to decomposition analysis: a practical guide", Energy Policy 33, equation 5. That a product which vanishes belongs
        to the factor that is zero is also the limit of LMDI: Ang & Liu (2007), "Handling zero values in the logarithmic
        mean Divisia index decomposition approach", Energy Policy 35.
    """
    if len(before) != len(after) or not before:
        raise ValueError(f"ladders of {len(before)} and {len(after)} rungs cannot be compared")
    first, last = _factors_of(before, after), _factors_of(after, before)
    if method == "lmdi" and min(*first, *last) > 0:
        return _lmdi(first, last, change=after[-1] - before[-1])
    return _shapley(first, last)


def whole_parts(parts: Sequence[Fraction], *, total: int) -> tuple[int, ...]:
    """Return the parts as whole numbers that add up to the total: the largest remainders are rounded up.

    Each part is rounded down, then the parts with the largest remainders get one more until all is given out; of equal
    remainders the earlier part. So no part is a whole unit away from its exact value.

    Args:
        parts: exact parts. Minor units.
        total: their sum, whole. Minor units.

    Raises:
        ValueError: the parts do not add up to the total.

    Source:
        The method of largest remainders (Hamilton's apportionment); Balinski & Young (1982), "Fair Representation",
        chapter 3.
    """
    if sum(parts, Fraction()) != total:
        raise ValueError(f"parts that add up to {float(sum(parts))} are not a division of {total}")
    whole = [floor(part) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: (whole[place] - parts[place], place))
    for place in by_remainder[: total - sum(whole)]:
        whole[place] += 1
    return tuple(whole)


def _factors_of(rungs: Sequence[int], other: Sequence[int]) -> _Factors:
    """Return the factors of a ladder; those that divide by zero as they are in the other ladder, 1 where they are in neither."""
    if any(rung == 0 and any(rungs[place + 1 :]) for place, rung in enumerate(rungs)):
        raise LadderIsBroken(f"a rung of {tuple(rungs)} is zero and a later one is not")
    factors = [Fraction(rungs[0])]
    for place in range(1, len(rungs)):
        upper = next((each for each in (rungs, other) if each[place - 1]), None)
        factors.append(Fraction(1) if upper is None else Fraction(upper[place], upper[place - 1]))
    return tuple(factors)


def _shapley(first: _Factors, last: _Factors) -> tuple[Fraction, ...]:
    """Return the mean, over all orders in which the factors may change one after the other, of what each changes."""
    changed = [place for place in range(len(first)) if first[place] != last[place]]
    still = prod((first[place] for place in range(len(first)) if place not in changed), start=Fraction(1))
    effects = [Fraction()] * len(first)
    for place in changed:
        others = [each for each in changed if each != place]
        shared = Fraction()
        for size in range(len(others) + 1):
            weight = _weight(size, len(changed))
            for moved in combinations(others, size):
                shared += weight * prod((last if each in moved else first)[each] for each in others)
        effects[place] = still * shared * (last[place] - first[place])
    return tuple(effects)


@cache
def _weight(moved: int, players: int) -> Fraction:
    """Return the share of the orders in which exactly these factors change before a given one."""
    return Fraction(factorial(moved) * factorial(players - moved - 1), factorial(players))


def _lmdi(first: _Factors, last: _Factors, *, change: int) -> tuple[Fraction, ...]:
    """Return additive LMDI-I effects; what floating point leaves over goes to the largest, far below a minor unit."""
    start, end = float(prod(first)), float(prod(last))
    mean = start if start == end else (end - start) / log(end / start)
    effects = [Fraction(mean * log(later / earlier)) for earlier, later in zip(first, last, strict=True)]
    largest = max(range(len(effects)), key=lambda place: abs(effects[place]))
    effects[largest] += change - sum(effects, Fraction())
    return tuple(effects)
