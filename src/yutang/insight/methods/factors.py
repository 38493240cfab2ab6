"""How much each factor of a product moved it."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, prod


def factor_effects(*, before: Sequence[float], now: Sequence[float]) -> tuple[float, ...] | None:
    """Return how much of the change of a product each of its factors made; the effects add up to the change.

    Args:
        before: factors of the earlier product. Any unit, ``> 0``.
        now: the same factors of the later product, in the same order.

    Returns:
        One effect a factor, in the unit of the product; None where a factor is not positive, because its logarithm
        does not exist.

    Source:
        Ang (2005), "The LMDI approach to decomposition analysis: a practical guide", additive LMDI-I, table 1.
    """
    first, last = [float(value) for value in before], [float(value) for value in now]
    if len(first) != len(last) or min(*first, *last) <= 0:
        return None
    weight = _logarithmic_mean(prod(last), prod(first))
    return tuple(weight * log(later / earlier) for earlier, later in zip(first, last, strict=True))


def _logarithmic_mean(a: float, b: float) -> float:
    return a if abs(a - b) <= 1e-12 * max(a, b) else (a - b) / log(a / b)
