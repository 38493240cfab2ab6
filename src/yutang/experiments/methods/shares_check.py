"""Whether the arms are as large as chance would make them: where they are not, something else than chance chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yutang.kit.special import chdtrc

#: Below this chance the arms are not what was drawn: so rare that a healthy experiment hardly ever says it.
ALARM_BELOW = 0.001
#: The chi-square distribution is near enough from so many expected in each arm on.
_LEAST_EXPECTED = 5


@dataclass(frozen=True)
class SharesCheck:
    """How the sizes of the arms lie to their shares.

    Attributes:
        chance: how likely chance alone departs as far as this or farther. 0-1.
        statistic: chi-square.
        is_alarm: whether that is too unlikely to believe the effect.
    """

    chance: float
    statistic: float
    is_alarm: bool


def check_shares(*, counts: Sequence[Sequence[int]], shares: Sequence[Sequence[float]]) -> SharesCheck | None:
    """Return how the sizes of the arms lie to their shares.

    Args:
        counts: units by set of shares and arm. Shape (k, arms).
        shares: of the arms, aligned by position; each row adds up to 1.

    Returns:
        None where too few units are there to tell.

    Source:
        Pearson (1900); as a guard: Fabijan, Gupchup, Gupta et al. (2019), "Diagnosing sample ratio mismatch in online
        controlled experiments", KDD.
    """
    statistic, freedom = 0.0, 0
    for row, row_shares in zip(counts, shares, strict=True):
        expected = [sum(row) * share for share in row_shares]
        if min(expected) < _LEAST_EXPECTED:
            continue
        statistic += sum((n - wanted) ** 2 / wanted for n, wanted in zip(row, expected, strict=True))
        freedom += len(row) - 1
    if not freedom:
        return None
    chance = float(chdtrc(freedom, statistic))
    return SharesCheck(chance, statistic, chance < ALARM_BELOW)
