"""When a programme would have paused: the claims of `verdicts`, looked at along a history whose outcome is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yutang.economics.methods.betting import (
    BLOCK,
    Numbers,
    gains_of_costs,
    gains_of_too_few,
    gains_of_too_many,
    log_capital,
)
from yutang.economics.methods.verdicts import AGES_HOURS, AT_ONCE_HOURS, KEPT_DAYS, Bounds, threshold

Matrix = npt.NDArray[np.bool_]

#: Looks that are reckoned together; what pauses early is done early.
_AT_ONCE = 24


@dataclass(frozen=True)
class Rehearsed:
    """What the guard would have done.

    Attributes:
        claim: that was refuted; empty: it would not have paused.
        at: when. Days since the beginning; infinity: never.
        newcomers: who had come until then; all of them where it would not have paused. Count.
    """

    claim: str
    at: float
    newcomers: int


def rehearsed(
    *, joined: Numbers, left: Numbers, bought: Numbers, unit_cost: int, bounds: Bounds, looks: Numbers
) -> Rehearsed:
    """Return when a programme whose newcomers all cost the same would have paused.

    Args:
        joined: when each came, ascending, shape ``(n,)``. Days since the beginning; `left` and `bought` likewise, infinity: never.
        left: when each left.
        bought: when each bought first.
        unit_cost: what each cost, from the first moment. Minor units.
        bounds: what is claimed.
        looks: when one looks, ascending, shape ``(t,)``. Days since the beginning.
    """
    history = (joined, left, bought)
    for start in range(0, len(looks), _AT_ONCE):
        some = looks[start : start + _AT_ONCE]
        claim, place = _looked(history, unit_cost, bounds, some)
        if claim:
            return Rehearsed(claim, float(some[place]), int((joined <= some[place]).sum()))
    return Rehearsed("", float("inf"), len(joined))


def _looked(
    history: tuple[Numbers, Numbers, Numbers], unit_cost: int, bounds: Bounds, looks: Numbers
) -> tuple[str, int]:
    """Return the claim that is refuted first, and at which look; an empty one where none is."""
    joined, left, bought = history
    n = int((joined <= looks[-1]).sum())
    joined, left, bought = joined[:n], left[:n], bought[:n]
    at = looks[:, None]
    came = np.stack([joined[None, :] <= at - hours / 24 for hours in AGES_HOURS])
    gone = (left[None, :] <= at) & (left - joined <= KEPT_DAYS)[None, :]
    at_once = gone & (left - joined <= AT_ONCE_HOURS / 24)[None, :]
    in_time = (bought - joined <= KEPT_DAYS)[None, :]
    may_order = in_time | ((at - joined[None, :] <= KEPT_DAYS) & ~gone)
    evidence = {"cost": _along(came, ~gone, gains_of_costs(costs=[unit_cost] * 2, kept=[0, 1], worth=bounds.worth))}
    if bounds.most_left_at_once is not None:
        gains = gains_of_too_many(happened=[0, 1], most=bounds.most_left_at_once)
        evidence["left_at_once"] = _along(came, at_once, gains)
    if bounds.least_kept is not None:
        evidence["kept"] = _along(came, ~gone, gains_of_too_few(happened=[0, 1], least=bounds.least_kept))
    if bounds.least_ordered is not None:
        evidence["ordered"] = _along(came, may_order, gains_of_too_few(happened=[0, 1], least=bounds.least_ordered))
    first = {name: _first(values >= threshold(name)) for name, values in evidence.items()}
    claim, place = min(first.items(), key=lambda one: one[1])
    return (claim, place) if place < len(looks) else ("", 0)


def _along(came: Matrix, happened: Matrix, gains: Numbers) -> Numbers:
    """Return the largest capital over the ages at each look, shape ``(t,)``, where a newcomer has one of two gains.

    Args:
        came: shape ``(ages, t, n)``.
        happened: shape ``(t, n)``.
        gains: shape ``(2,)``.
    """
    if not came.shape[-1]:
        return np.zeros(came.shape[1])
    edges = np.arange(0, came.shape[-1], BLOCK)
    yes = np.add.reduceat((came & happened).astype(np.float64), edges, axis=-1)
    every = np.add.reduceat(came.astype(np.float64), edges, axis=-1)
    counts = np.stack([every - yes, yes], axis=-1)
    return np.asarray(log_capital(counts=counts, gains=gains).max(axis=0), dtype=np.float64)


def _first(flags: npt.NDArray[np.bool_]) -> int:
    return int(np.argmax(flags)) if flags.any() else len(flags)
