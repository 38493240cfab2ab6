"""Groups of made-up people of whom it is known who pays attention: each turns towards the group or away from it by itself.

Nothing here knows of the model that is tried on it. People differ in how often they write, react and buy; groups differ in how chatty
they are; a group falls asleep, wakes up, or goes on as it is; newcomers come and others leave; now and then it is probed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yutang.communities.methods.filtering import Asked, Day

SIGNS = ("messages", "reactions", "clicks", "orders")
OFTEN = {"messages": 0.06, "reactions": 0.08, "clicks": 0.05, "orders": 0.012}
RARELY = {"messages": 0.001, "reactions": 0.002, "clicks": 0.002, "orders": 0.004}


@dataclass
class Pond:
    """Groups with what was seen on each day, and the true share of members who paid attention at its end. Shape ``(days, groups)``."""

    days: list[Day]
    truth: np.ndarray


def made_up(*, seed: int, groups: int, days: int = 60, heard: tuple[str, ...] = SIGNS, probes_every: int = 30) -> Pond:
    """Return made-up groups.

    Args:
        seed: the same groups for the same seed.
        groups: how many. Count.
        days: how long they are watched. Days.
        heard: signs that are told of.
        probes_every: a group is probed on one of so many days; 0: never.
    """
    dice = np.random.default_rng(seed)
    return _grown(dice, groups, days, heard, probes_every)


def _grown(dice: np.random.Generator, groups: int, days: int, heard: tuple[str, ...], probes_every: int) -> Pond:
    most = 60
    size = dice.integers(20, 51, groups)
    there = np.arange(most)[None, :] < size[:, None]
    start = dice.beta(1.6, 1.6, groups)
    attentive = there & (dice.random((groups, most)) < start[:, None])
    # How often each person shows themselves, and how chatty each group is.
    person = {sign: dice.gamma(3, 1 / 3, (groups, most)) for sign in SIGNS}
    chatty = {sign: dice.lognormal(-0.02, 0.2, groups) for sign in SIGNS}
    falls = dice.choice([0.004, 0.012, 0.035], groups, p=[0.6, 0.3, 0.1])
    wakes = dice.choice([0.004, 0.012, 0.03], groups, p=[0.6, 0.3, 0.1])
    found, truth = [], []
    for _ in range(days):
        turn = dice.random((groups, most))
        attentive = np.where(attentive, turn >= falls[:, None], turn < wakes[:, None]) & there
        leaving = there & (dice.random((groups, most)) < np.where(attentive, 0.0015, 0.006))
        there, attentive = there & ~leaving, attentive & ~leaving
        joined = np.zeros(groups)
        for row in np.flatnonzero(dice.random(groups) < 0.08):
            free = np.flatnonzero(~there[row])[:1]
            there[row, free] = True
            attentive[row, free] = dice.random() < 0.6
            joined[row] = len(free)
        seen = {"exits": leaving.sum(axis=1).astype(float)}
        for sign in heard:
            rate = np.where(attentive, OFTEN[sign] * person[sign] * chatty[sign][:, None], RARELY[sign])
            seen[sign] = (there & (dice.random((groups, most)) < rate)).sum(axis=1).astype(float)
        members = there.sum(axis=1).astype(float)
        asked = _asked(dice, there, attentive, probes_every) if probes_every else None
        found.append(Day(members=members, joined=joined, seen=seen, asked=asked))
        truth.append(attentive.sum(axis=1) / np.maximum(members, 1))
    return Pond(found, np.array(truth))


def _asked(dice: np.random.Generator, there: np.ndarray, attentive: np.ndarray, every: int) -> Asked | None:
    """Lay out packets for a third of the members, or ask a question, in some groups."""
    rows = np.flatnonzero(dice.random(len(there)) < 1 / every)
    if not len(rows):
        return None
    members = there[rows].sum(axis=1).astype(float)
    by_packets = dice.random(len(rows)) < 0.6
    minutes = np.where(by_packets, dice.uniform(3, 8, len(rows)), dice.uniform(120, 1440, len(rows)))
    chance = np.where(by_packets, 0.98 * (1 - np.exp(-minutes / 1.2)), 0.62 * (1 - np.exp(-minutes / 480)))
    stray = np.where(by_packets, 0.01, 0.015)
    odds = np.where(attentive[rows], chance[:, None], stray[:, None]) * there[rows]
    wanting = (dice.random(odds.shape) < odds).sum(axis=1).astype(float)
    packets = np.where(by_packets, np.maximum(np.ceil(members / dice.integers(1, 4, len(rows))), 1), 0.0)
    all_taken = by_packets & (wanting >= packets)
    takers = np.where(by_packets, np.minimum(wanting, packets), wanting)
    return Asked(rows, by_packets, members, packets, takers, all_taken, minutes)
