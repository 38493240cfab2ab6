"""What a deed brought: how a group changed against similar ones that were left alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yutang.communities.methods.belief import Floats
from yutang.kit.special import stdtrit

#: So many of the most similar groups are compared with; fewer than the least tell nothing.
NEIGHBOURS, LEAST = 8, 3


@dataclass(frozen=True)
class Effect:
    """What deeds of one kind brought. Shares 0-1.

    Attributes:
        deeds: compared ones. Count.
        mean: by how much the share changed more than that of similar groups; `low` and `high` its 90 % interval, None below
            three deeds.
    """

    deeds: int
    mean: float | None
    low: float | None
    high: float | None


def similar(*, share: float, members: int, lives: np.ndarray, life: str, shares: Floats, sizes: Floats) -> np.ndarray:
    """Return the places of the most similar groups, at most `NEIGHBOURS`: of the same state, near in share and in size.

    Distance: ``|share difference| / 0.1 + |log size ratio|``; nothing farther than 2 counts.
    """
    distance = np.abs(shares - share) / 0.1 + np.abs(np.log(np.maximum(sizes, 1) / max(members, 1)))
    distance = np.where(lives == life, distance, np.inf)
    order = np.argsort(distance, kind="stable")[:NEIGHBOURS]
    return np.asarray(order[distance[order] <= 2])


def effect_of(changes: Floats, others: Floats) -> Effect:
    """Return what deeds brought: the mean of the differences of their changes to those of similar groups.

    Args:
        changes: change of the share of each group that something was done about. Shape ``(n,)``.
        others: mean change of its similar groups. Shape ``(n,)``.

    Source:
        Difference in differences with matched controls; interval of Student (1908) over the deeds.
    """
    gained = changes - others
    n = len(gained)
    if n < LEAST:
        return Effect(n, float(gained.mean()) if n else None, None, None)
    half = float(stdtrit(n - 1, 0.95)) * float(gained.std(ddof=1)) / float(np.sqrt(n))
    mean = float(gained.mean())
    return Effect(n, mean, mean - half, mean + half)
