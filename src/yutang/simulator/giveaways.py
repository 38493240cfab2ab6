"""Newcomers of a give-away: a present that draws freeloaders, or a benefit with which customers bring their friends. Times, no people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Kind:
    """What kind of people a programme draws. Each pair is a range from which the seed draws.

    Attributes:
        newcomers: how many come. Count.
        span_days: within how many days they come.
        leaving: share that leaves within about a day. 0-1.
        fading: share that leaves later, within three weeks. 0-1.
        silent: share of those who stay that never buys anything. 0-1.
        leave_hours: half of those who leave at once have done so after this. Hours.
        unit_cost: of a newcomer. Fen.
        cost_to_worth: cost of a newcomer as a part of the worth of one who stays. 0-1.
    """

    newcomers: int
    span_days: tuple[float, float]
    leaving: tuple[float, float]
    fading: tuple[float, float]
    silent: tuple[float, float]
    leave_hours: tuple[float, float]
    unit_cost: tuple[float, float]
    cost_to_worth: tuple[float, float]


@dataclass(frozen=True)
class Giveaway:
    """What happened; arrays of shape ``(n,)`` in the order in which they came. Days since the beginning; infinity: never.

    Attributes:
        unit_cost: of a newcomer. Fen.
        worth: of one who stays. Fen.
    """

    joined: Days
    left: Days
    bought: Days
    unit_cost: int
    worth: int


#: 500 scarves: most leave at once, most of the others never say a word.
SCARF = Kind(500, (3, 10), (0.45, 0.70), (0.05, 0.15), (0.85, 0.97), (0.5, 6), (1_200, 3_000), (0.25, 0.60))
#: A modest benefit for a friend who becomes a customer: they are like those who come by themselves.
HEALTHY = Kind(1_000, (20, 60), (0.02, 0.08), (0.05, 0.15), (0.55, 0.80), (1, 8), (1_200, 3_000), (0.20, 0.60))


def giveaway(kind: Kind, *, seed: int) -> Giveaway:
    """Return a give-away of a kind; the same seed makes the same one. Most come in the first third of the time, and in bursts."""
    chance = np.random.default_rng([seed, kind.newcomers])
    drawn = {name: float(chance.uniform(*getattr(kind, name))) for name in _RANGES}
    n = kind.newcomers
    bursts = chance.beta(1.2, 2.0, size=max(n // 12, 1)) * drawn["span_days"]
    joined = np.sort(chance.choice(bursts, size=n) + chance.exponential(0.05, size=n))
    fate = chance.random(n)
    at_once = chance.exponential(drawn["leave_hours"] / np.log(2) / 24, size=n)
    later = 1 + chance.exponential(6, size=n)
    stays = np.where(fate < drawn["leaving"] + drawn["fading"], later, np.inf)
    stays = np.where(fate < drawn["leaving"], at_once, stays)
    left = joined + stays
    buys = (chance.random(n) > drawn["silent"]) & np.isinf(stays)
    bought = np.where(buys, joined + chance.exponential(5, size=n), np.inf)
    cost = round(drawn["unit_cost"])
    return Giveaway(joined, left, bought, cost, round(cost / drawn["cost_to_worth"]))


_RANGES = ("span_days", "leaving", "fading", "silent", "leave_hours", "unit_cost", "cost_to_worth")
