"""Evidence that may be looked at after every newcomer: the capital of a gambler who bets against what is claimed.

Whoever claims that a programme is healthy claims that a bet on the contrary earns nothing. A gambler with a capital of 1 who bets a
fixed part of it on each newcomer then has a capital that is a supermartingale, and by Ville's inequality it reaches ``1 / risk`` with a
chance of at most ``risk``, however often one looks. The part is not known beforehand, so the capital is spread over many parts; and
because a programme may turn bad later, over many newcomers with whom the betting begins.

Source:
    Ville (1939), "Étude critique de la notion de collectif"; Waudby-Smith & Ramdas (2024), "Estimating means of bounded random
    variables by betting", JRSS-B 86(1), section 4.3 (capital processes) and 4.4 (mixtures); Shin, Ramdas & Rinaldo (2024), "E-detectors",
    section 2 (mixtures over the time at which a change begins).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from yutang.kit.special import betaln

Numbers: TypeAlias = npt.NDArray[np.float64]

#: Newcomers between two beginnings of the bets.
BLOCK = 50
#: Parts of the capital that are bet: dense near 0 (small differences) and near 1 (large ones).
_PARTS: Numbers = np.sin((np.arange(24) + 0.5) * np.pi / 48) ** 2 * 0.999
#: Share of the capital that bets from the first newcomer on; the rest waits for later beginnings.
_FROM_THE_FIRST = 0.5


def log_capital(*, counts: npt.ArrayLike, gains: npt.ArrayLike) -> Numbers:
    """Return the natural logarithm of the gambler's capital.

    Args:
        counts: shape ``(..., blocks, groups)``: how many newcomers of each block of `BLOCK`, in the order in which they came, have the
            gain of each group. Count.
        gains: shape ``(groups,)``: what a newcomer brings to a gambler who bets the whole capital. ``>= -1``, with a mean of at most 0 for
            each newcomer, given all before, if the claim holds.

    Returns:
        Shape ``(...)``; 0 without a newcomer. The claim is refuted at a risk where it is at least ``-log(risk)``, at any time.

    Raises:
        ValueError: a gain lies below -1.
    """
    won = np.asarray(gains, dtype=np.float64)
    if won.size and won.min() < -1 - 1e-9:
        raise ValueError("a bet cannot lose more than it is")
    grown = np.log1p(np.outer(np.maximum(won, -1.0), _PARTS))
    by_block = np.asarray(counts, dtype=np.float64) @ grown
    if by_block.shape[-2] == 0:
        return np.zeros(by_block.shape[:-2])
    # Capital of whoever began with each block: the product over it and all that came after.
    since = np.flip(np.cumsum(np.flip(by_block, axis=-2), axis=-2), axis=-2)
    begun, waiting = _beginnings(by_block.shape[-2])
    together = _log_of_sum(_log_of_sum(since) - np.log(len(_PARTS)) + begun)
    return np.asarray(np.logaddexp(together, waiting), dtype=np.float64)


def gains_of_costs(*, costs: npt.ArrayLike, kept: npt.ArrayLike, worth: float) -> Numbers:
    """Return the gains of betting that a kept newcomer costs more than it is worth.

    The claim is ``E[cost] <= worth * P(kept)`` for each newcomer, which is what "a kept newcomer costs no more than its worth" means.

    Args:
        costs: what each newcomer cost up to now, shape ``(n,)``. Minor units, ``>= 0``.
        kept: whether each may count as kept, 0 or 1, shape ``(n,)``.
        worth: of a kept newcomer. Minor units, ``> 0``.
    """
    return np.asarray(costs, dtype=np.float64) / worth - np.asarray(kept, dtype=np.float64)


def gains_of_too_few(*, happened: npt.ArrayLike, least: float) -> Numbers:
    """Return the gains of betting that something happens to fewer than a share `least` of the newcomers, ``0 < least < 1``."""
    return (least - np.asarray(happened, dtype=np.float64)) / (1 - least)


def gains_of_too_many(*, happened: npt.ArrayLike, most: float) -> Numbers:
    """Return the gains of betting that something happens to more than a share `most` of the newcomers, ``0 < most < 1``."""
    return (np.asarray(happened, dtype=np.float64) - most) / most


def share_within(
    *, least: npt.ArrayLike, most: npt.ArrayLike, n: npt.ArrayLike, risk: float
) -> tuple[Numbers, Numbers]:
    """Return the ends of an interval that holds a share at all times together, with a chance of at least ``1 - risk``.

    Args:
        least: how many it happened to for certain, shape ``(t,)``. Count.
        most: how many it may have happened to, those who are not decided included, shape ``(t,)``. Count.
        n: of how many, shape ``(t,)``. Count; where it is 0 the interval is everything.
        risk: chance that the share lies outside at any time. ``0 < risk < 1``.

    Returns:
        Lower and upper ends, shape ``(t,)`` each. 0-1.

    Source:
        Robbins (1970), "Statistical methods related to the law of the iterated logarithm", with the Beta(1/2, 1/2) mixture of
        Krichevsky & Trofimov (1981): all shares ``p`` with ``B(k + 1/2, n - k + 1/2) / B(1/2, 1/2) < p^k (1 - p)^(n - k) / risk``.
    """
    n = np.asarray(n, dtype=np.float64)
    low = _end(np.asarray(least, dtype=np.float64), n, risk, is_upper=False)
    high = _end(np.asarray(most, dtype=np.float64), n, risk, is_upper=True)
    return low, high


def _end(k: Numbers, n: Numbers, risk: float, *, is_upper: bool) -> Numbers:
    """Return an end of the interval by bisection: the evidence against a share grows with its distance from ``k / n``."""
    mixed = betaln(k + 0.5, n - k + 0.5) - betaln(0.5, 0.5)
    inside = np.divide(k, n, out=np.full_like(n, 0.5), where=n > 0)
    outside = np.full_like(n, 1.0 if is_upper else 0.0)
    for _ in range(60):
        middle = (inside + outside) / 2
        likely = _xlog(k, middle) + _xlog(n - k, 1 - middle)
        holds = mixed - likely < -np.log(risk)
        inside, outside = np.where(holds, middle, inside), np.where(holds, outside, middle)
    return np.where(n > 0, outside, 1.0 if is_upper else 0.0)


def _log_of_sum(logs: Numbers) -> Numbers:
    """Return the logarithm of the sum of the last axis, given the logarithms."""
    largest = logs.max(axis=-1)
    shifted = logs - largest[..., None]
    return np.asarray(largest + np.log(np.exp(shifted, out=shifted).sum(axis=-1)), dtype=np.float64)


def _xlog(k: Numbers, p: Numbers) -> Numbers:
    """Return ``k log p`` with ``0 log 0 = 0``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(k > 0, k * np.log(p), 0.0)


def _beginnings(blocks: int) -> tuple[Numbers, Any]:
    """Return the logarithms of the shares of the capital that begin with each block, and of what still waits."""
    later = np.arange(1, blocks, dtype=np.float64)
    shares = np.concatenate([[_FROM_THE_FIRST], (1 - _FROM_THE_FIRST) / (later * (later + 1))])
    # The shares of all beginnings to come: (1 - first) x sum over j >= blocks of 1 / (j (j + 1)).
    return np.log(shares), np.log((1 - _FROM_THE_FIRST) / blocks)
