"""Belief carried through days: a step of time, newcomers, then what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from yutang.communities.methods.belief import (
    CELLS,
    HIGH,
    LOW,
    Drift,
    Floats,
    chance_below,
    means,
    moved_towards,
    quantiles,
    steps_of,
    tilted,
    updated,
)
from yutang.communities.methods.evidence import (
    _TAKEN_BY_OTHERS,
    ASKED,
    RATES,
    Rate,
    answer_rate,
    at_least_logs,
    packet_rate,
    seen_logs,
)

#: Of newcomers so many pay attention.
NEWCOMERS = 0.6
#: A fall or rise goes on by so much of itself each day, when it is foreseen.
_GOES_ON = 0.85
_STEEPEST = 0.12


@dataclass(frozen=True)
class Asked:
    """Probes of one day; arrays aligned by position, a row a probe.

    Attributes:
        rows: place of the group. Shape ``(m,)``.
        by_packets: whether packets were laid out, rather than a question asked.
        members: members who were there. Count.
        packets: laid out; 0 where a question was asked. Count.
        takers: who took one, or answered; -1 where only `all_taken` is known. Count.
        all_taken: whether no packet was left.
        minutes: after so long it was counted.
    """

    rows: np.ndarray
    by_packets: np.ndarray
    members: Floats
    packets: Floats
    takers: Floats
    all_taken: np.ndarray
    minutes: Floats


@dataclass(frozen=True)
class Day:
    """What was seen of all groups on one day; arrays of shape ``(n,)``, aligned by position.

    Attributes:
        members: customers in each group at its end. Count.
        joined: who came on it. Count.
        seen: different members by sign of `RATES`; NaN where nobody tells of the group.
        shared: (members who wrote, trust) of `messages`, where only a sum over several groups of an owner is known and this is
            the part that is expected of each; NaN elsewhere.
        asked: probes.
    """

    members: Floats
    joined: Floats
    seen: Mapping[str, Floats] = field(default_factory=dict)
    shared: tuple[Floats, Floats] | None = None
    asked: Asked | None = None


@dataclass(frozen=True)
class Told:
    """What is told of each group. Arrays of shape ``(n,)``: mean and ends of the 90 % interval."""

    share: Floats
    low: Floats
    high: Floats


def told(belief: Floats) -> Told:
    """Return mean and 90 % interval of beliefs."""
    return Told(means(belief), quantiles(belief, LOW), quantiles(belief, HIGH))


def next_day(
    belief: Floats, day: Day, *, steps: Floats, rates: Mapping[str, Rate] = RATES, newcomers: float = NEWCOMERS
) -> Floats:
    """Return the belief at the end of a day.

    Args:
        belief: at the end of the day before. Shape ``(n, CELLS)``.
        day: what was seen.
        steps: of `steps_of`.
        rates: how often each sign is seen.
        newcomers: share of newcomers who pay attention. 0-1.

    Source:
        Forward filter of a hidden Markov model over a grid: Rabiner (1989), "A tutorial on hidden Markov models", eq. 20.
    """
    belief = belief @ steps
    came = np.flatnonzero((day.joined > 0) & (day.members > 0))
    if len(came):
        weight = np.minimum(day.joined[came] / day.members[came], 1.0)
        belief[came] = moved_towards(belief[came], weight, newcomers)
    logs = np.zeros((len(belief), CELLS))
    for name, rate in rates.items():
        if name in day.seen:
            _add(logs, day.seen[name], day.members, rate, np.full(len(belief), rate.trust))
    if day.shared is not None:
        wrote, trust = day.shared
        _add(logs, wrote, day.members, rates["messages"], trust)
    if day.asked is not None:
        np.add.at(logs, day.asked.rows, _asked_logs(day.asked))
    return updated(belief, logs)


def foreseen(belief: Floats, *, daily_change: Floats, days: int, drift: Drift) -> Floats:
    """Return the belief some days ahead: it widens, and goes on falling or rising for a while.

    Args:
        belief: of today. Shape ``(n, CELLS)``.
        daily_change: by how much the log-odds of the share changed a day of late. Shape ``(n,)``.
        days: how far ahead. Count.
        drift: how shares move.

    Source:
        Damped trend: Gardner & McKenzie (1985), "Forecasting trends in time series", eq. 3, on the log-odds scale.
    """
    slope = np.clip(daily_change, -_STEEPEST, _STEEPEST)
    total = slope * _GOES_ON * (1 - _GOES_ON**days) / (1 - _GOES_ON)
    return tilted(belief @ np.linalg.matrix_power(steps_of(drift), days), total)


def daily_change(shares: Floats) -> Floats:
    """Return the slope of the log-odds of shares over days, by least squares. Shape ``(n, days)`` to ``(n,)``.

    Args:
        shares: oldest first; NaN where a group was not looked at. 0-1.
    """
    odds = np.log(np.clip(shares, 0.01, 0.99) / (1 - np.clip(shares, 0.01, 0.99)))
    known = ~np.isnan(odds)
    day = np.broadcast_to(np.arange(shares.shape[1], dtype=np.float64), shares.shape)
    n = np.maximum(known.sum(axis=1), 1)
    day_mean = np.where(known, day, 0).sum(axis=1) / n
    odds_mean = np.where(known, np.nan_to_num(odds), 0).sum(axis=1) / n
    from_mean = np.where(known, day - day_mean[:, None], 0)
    spread = (from_mean**2).sum(axis=1)
    slope = (from_mean * np.where(known, np.nan_to_num(odds) - odds_mean[:, None], 0)).sum(axis=1)
    return np.asarray(np.where(spread > 0, slope / np.maximum(spread, 1e-9), 0.0))


def parts_of_a_sum(*, wrote: float, expected: Sequence[float]) -> Floats:
    """Return how many of the members who wrote in several groups are expected of each. Shape ``(k,)``.

    Args:
        wrote: in all of them together. Count.
        expected: how many are expected of each by what is believed of it.
    """
    weight = np.asarray(expected, dtype=np.float64)
    return np.asarray(wrote * weight / max(weight.sum(), 1e-9))


def _add(logs: Floats, seen: Floats, members: Floats, rate: Rate, trust: Floats) -> None:
    rows = np.flatnonzero(~np.isnan(seen) & (members > 0))
    if len(rows):
        there = np.maximum(members[rows], seen[rows])
        found = seen_logs(seen=seen[rows], members=there, attentive=rate.attentive, others=rate.others)
        logs[rows] += trust[rows, None] * found


def _asked_logs(asked: Asked) -> Floats:
    rate = np.where(asked.by_packets, packet_rate(asked.minutes), answer_rate(asked.minutes))
    others = np.where(asked.by_packets, _TAKEN_BY_OTHERS, ASKED.others)
    out = np.zeros((len(asked.rows), CELLS))
    # All packets gone: at least so many wanted one. Some left, and counted: exactly so many. Only that some were left: fewer.
    is_bound = asked.by_packets & (asked.all_taken | (asked.takers < 0))
    for rest in np.unique(others):
        for bound in (True, False):
            rows = np.flatnonzero((others == rest) & (is_bound == bound))
            if not len(rows):
                continue
            members, attentive = asked.members[rows], rate[rows]
            if bound:
                out[rows] = at_least_logs(
                    least=asked.packets[rows],
                    members=members,
                    attentive=attentive,
                    others=float(rest),
                    reached=asked.all_taken[rows],
                )
            else:
                seen = asked.takers[rows]
                out[rows] = seen_logs(
                    seen=seen, members=np.maximum(members, seen), attentive=attentive, others=float(rest)
                )
    return out


__all__ = [
    "NEWCOMERS",
    "Asked",
    "Day",
    "Told",
    "chance_below",
    "daily_change",
    "foreseen",
    "next_day",
    "parts_of_a_sum",
    "told",
]
