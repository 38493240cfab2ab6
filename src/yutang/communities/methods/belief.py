"""What is believed of the share of members who pay attention, as chances over a grid, for many groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Cells of the grid, and the share in the middle of each.
CELLS = 50
SHARES: Floats = (np.arange(CELLS) + 0.5) / CELLS
#: Ends of the interval that is told: 90 %.
LOW, HIGH = 0.05, 0.95
#: A belief is kept as whole numbers of so many steps.
_STEPS = 65_535


@dataclass(frozen=True)
class Drift:
    """How a share moves from one day to the next.

    Attributes:
        daily: standard deviation of the step of a day where the share is one half. 0-1.
        jump: chance that a group becomes quite another within a day. 0-1.
    """

    daily: float = 0.023
    jump: float = 0.0015


def flat(groups: int, *, mean: float = 0.5, weight: float = 2.0) -> Floats:
    """Return the belief about groups of which nothing is known, as a Beta density. Shape ``(groups, CELLS)``.

    Args:
        groups: how many. Count.
        mean: share that is expected. 0-1, exclusive.
        weight: members whose answer would tell as much as is known beforehand; 2 with mean one half: nothing at all.
    """
    a, b = mean * weight, (1 - mean) * weight
    density = np.exp((a - 1) * np.log(SHARES) + (b - 1) * np.log1p(-SHARES))
    return np.tile(density / density.sum(), (groups, 1))


def steps_of(drift: Drift) -> Floats:
    """Return the chances of a step from each share to each within a day. Shape ``(CELLS, CELLS)``, rows sum to 1.

    A step keeps the mean, and is the smaller the nearer the share is to 0 or 1: a Beta density around the share with the
    variance ``4 s (1 - s) daily ** 2``, mixed with a flat one for what nobody expects.

    Source:
        West & Harrison (1997), "Bayesian Forecasting and Dynamic Models", section 14: power-discount evolution of a Beta
        belief; here by the exact density over a grid (Kitagawa, 1987, "Non-Gaussian state-space modelling", eq. 2.2).
    """
    size = 1 / (4 * drift.daily**2) - 1
    share = SHARES[:, None]
    logs = (share * size - 1) * np.log(SHARES)[None, :] + ((1 - share) * size - 1) * np.log1p(-SHARES)[None, :]
    steps = np.exp(logs - logs.max(axis=1, keepdims=True))
    steps /= steps.sum(axis=1, keepdims=True)
    return np.asarray((1 - drift.jump) * steps + drift.jump / CELLS)


def updated(belief: Floats, log_chances: Floats) -> Floats:
    """Return the belief after evidence, by the rule of Bayes; both of shape ``(n, CELLS)``."""
    logs = np.log(np.maximum(belief, 1e-300)) + log_chances
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def moved_towards(belief: Floats, weight: Floats, target: float) -> Floats:
    """Return the belief after newcomers: each share ``s`` becomes ``(1 - w) s + w target``.

    Args:
        belief: shape ``(n, CELLS)``.
        weight: newcomers among the members after they came, ``w``. Shape ``(n,)``, 0-1.
        target: share of newcomers who pay attention. 0-1.
    """
    place = ((1 - weight)[:, None] * SHARES[None, :] + weight[:, None] * target) * CELLS - 0.5
    return _laid(belief, np.clip(place, 0, CELLS - 1))


def tilted(belief: Floats, change: Floats) -> Floats:
    """Return the belief with each share moved by so much on the log-odds scale. Shapes ``(n, CELLS)`` and ``(n,)``."""
    odds = np.log(SHARES / (1 - SHARES))[None, :] + change[:, None]
    return _laid(belief, np.clip(CELLS / (1 + np.exp(-odds)) - 0.5, 0, CELLS - 1))


def _laid(belief: Floats, place: Floats) -> Floats:
    """Lay each cell's chance onto the two cells beside its new place."""
    low = np.minimum(np.floor(place).astype(np.int64), CELLS - 2)
    part = place - low
    out = np.zeros_like(belief)
    rows = np.arange(len(belief))
    for cell in range(CELLS):
        np.add.at(out, (rows, low[:, cell]), belief[:, cell] * (1 - part[:, cell]))
        np.add.at(out, (rows, low[:, cell] + 1), belief[:, cell] * part[:, cell])
    return out


def means(belief: Floats) -> Floats:
    """Return the mean share. Shape ``(n,)``."""
    return np.asarray(belief @ SHARES)


def quantiles(belief: Floats, at: float) -> Floats:
    """Return the share below which lies so much of the belief, exact within a cell. Shape ``(n,)``."""
    sums = np.cumsum(belief, axis=1)
    cell = np.minimum((sums < at).sum(axis=1), CELLS - 1)
    rows = np.arange(len(belief))
    before = sums[rows, cell] - belief[rows, cell]
    part = (at - before) / np.maximum(belief[rows, cell], 1e-12)
    return np.asarray((cell + np.clip(part, 0, 1)) / CELLS)


def chance_below(belief: Floats, share: float) -> Floats:
    """Return the chance that the share lies below one, exact within a cell. Shape ``(n,)``."""
    whole = np.clip(share * CELLS - np.arange(CELLS), 0, 1)
    return np.asarray(belief @ whole)


def packed(belief: Floats) -> list[bytes]:
    """Return beliefs as they are kept: two bytes a cell, as parts of the largest."""
    scaled = np.round(belief / belief.max(axis=1, keepdims=True) * _STEPS).astype("<u2")
    return [row.tobytes() for row in scaled]


def unpacked(kept: list[bytes]) -> Floats:
    """Return beliefs that `packed` kept. Shape ``(n, CELLS)``."""
    raw = np.frombuffer(b"".join(kept), dtype="<u2").reshape(len(kept), CELLS).astype(np.float64)
    return np.asarray(raw / raw.sum(axis=1, keepdims=True))
