"""What a sign of life says about the share of members who pay attention: log-likelihoods over the grid."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from yutang.communities.methods.belief import SHARES, Floats
from yutang.kit.special import betainc, gammaln

#: Nobody is quite sure of anything: below this a chance counts as this.
_LEAST = 1e-9
#: Log-chance of each member seen beyond those who can have been.
_BEYOND = -5.0


@dataclass(frozen=True)
class Rate:
    """How often a sign is seen of one member on one day.

    Attributes:
        attentive: of somebody who pays attention. 0-1.
        others: of somebody who does not. 0-1.
        trust: power to which the chances are taken, because the same people are seen day after day and not every group is
            as chatty as the next. 0-1; 1: each day tells something new.
    """

    attentive: float
    others: float
    trust: float = 1.0


#: Signs by day, until the shop's own probes tell better (see `learning`).
RATES = MappingProxyType(
    {
        "messages": Rate(0.06, 0.001, 0.5),
        "reactions": Rate(0.08, 0.002, 0.5),
        "clicks": Rate(0.05, 0.002, 0.5),
        "orders": Rate(0.012, 0.004, 0.7),
        "exits": Rate(0.0015, 0.006, 0.6),
    }
)
#: A poll or a roll call, when it was counted after a day; of those who do not pay attention somebody answers by chance.
ASKED = Rate(0.62, 0.015)
_ASKED_HOURS = 8.0
#: Of those who pay attention so many take a packet if it lies long enough; it takes so many minutes until most have seen it.
_TAKE_AT_ALL, _MINUTES = 0.98, 1.2
_TAKEN_BY_OTHERS = 0.01


def packet_rate(minutes: Floats) -> Floats:
    """Return the chance that somebody who pays attention has taken a red packet after so many minutes.

    Formula: ``0.98 (1 - exp(-minutes / 1.2))``: 0.97 after 5 minutes. The rule that merchants gave - 100 packets that are not
    taken within 5-6 minutes in a group of 300 and more mean a dead one - takes it for 1 (`is_dead_by_packets`).
    """
    return np.asarray(_TAKE_AT_ALL * -np.expm1(-np.asarray(minutes, dtype=np.float64) / _MINUTES))


def answer_rate(minutes: Floats) -> Floats:
    """Return the chance that somebody who pays attention has answered a poll or a roll call after so many minutes."""
    return np.asarray(ASKED.attentive * -np.expm1(-np.asarray(minutes, dtype=np.float64) / (60 * _ASKED_HOURS)))


def seen_logs(*, seen: Floats, members: Floats, attentive: Floats | float, others: float) -> Floats:
    """Return the log-chance that so many different members were seen, for each share. Shape ``(n, CELLS)``.

    Of ``A = share x members`` attentive ones each is seen with the chance ``attentive``, of the rest with ``others``. The sum of
    the two binomials is taken as one with the same mean and variance: ``p = 1 - v / m`` and ``N = m / p``, which is exact where
    ``others`` is 0.

    Args:
        seen: members seen. Count, shape ``(n,)``.
        members: members there were. Count, shape ``(n,)``.
        attentive: shape ``(n,)`` or one for all. 0-1.
        others: 0-1.

    Source:
        Butler & Stephens (2017), "The distribution of a sum of independent binomial random variables", section 3: matching of the
        first two moments.
    """
    chance, size = _matched(members, attentive, others)
    k = seen[:, None]
    beyond = np.maximum(k - size, 0)
    within = np.maximum(size - k, 0)
    size = np.maximum(size, k)
    logs = gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1)
    logs = logs + k * np.log(chance) + within * np.log1p(-chance) + beyond * _BEYOND
    return np.asarray(np.maximum(logs, -400.0))


def at_least_logs(
    *, least: Floats, members: Floats, attentive: Floats | float, others: float, reached: np.ndarray
) -> Floats:
    """Return the log-chance that at least so many were seen, or fewer where that is what is known. Shape ``(n, CELLS)``.

    This is all that one knows of packets when only whether one was left was written down.

    Args:
        least: packets that were laid out. Count, shape ``(n,)``.
        members: members there were. Count, shape ``(n,)``.
        attentive: chance of taking one. Shape ``(n,)``, 0-1.
        others: the same of those who do not pay attention. 0-1.
        reached: whether all were taken. Shape ``(n,)``.
    """
    chance, size = _matched(members, attentive, others)
    k = np.broadcast_to(least[:, None], size.shape)
    room = size - k + 1
    # P(X >= k) of a binomial is the regularised incomplete beta function I_p(k, N - k + 1).
    reach = np.where(room > 0, betainc(np.maximum(k, 1e-9), np.maximum(room, 1e-9), chance), 0.0)
    told = np.where(np.asarray(reached)[:, None], reach, 1 - reach)
    return np.asarray(np.log(np.maximum(told, _LEAST)))


def is_dead_by_packets(*, members: int, packets: int, minutes: float, were_all_taken: bool) -> bool | None:
    """Return what the merchants' rule says of a group of 300 and more; None where it says nothing.

    Source:
        The rule that merchants gave: 100 packets that are not taken within 5-6 minutes in a group of 300 and more mean a dead
        one. In the terms of the model: nothing else is known (a flat belief), everybody who pays attention takes a packet in
        time, and a group is dead below one third; then less than a third paid attention if and only if a packet was left.
    """
    if members < 300 or packets < 100 or not 5 <= minutes <= 6:
        return None
    return not were_all_taken


def _matched(members: Floats, attentive: Floats | float, others: float) -> tuple[Floats, Floats]:
    """Return chance and size of the binomial with mean and variance of the sum of two; shapes ``(n, CELLS)``."""
    q = np.clip(np.broadcast_to(np.asarray(attentive, dtype=np.float64), members.shape), 1e-6, 1 - 1e-6)[:, None]
    f = min(max(others, 1e-6), 1 - 1e-6)
    yes = members[:, None] * SHARES[None, :]
    no = members[:, None] - yes
    mean = np.maximum(yes * q + no * f, 1e-9)
    variance = yes * q * (1 - q) + no * f * (1 - f)
    chance = np.clip(1 - variance / mean, 1e-7, 1 - 1e-7)
    return chance, np.asarray(mean / chance)
