"""Who of a playbook's people is held out: drawn by the room of experiments, which tells later what the others brought more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from yutang.experiments.actions import (
    HELD_OUT,
    NoSuchExperiment,
    begin_experiment,
    change_shares,
    draw_groups,
    draw_people,
)
from yutang.experiments.assignment import WHOLE, arm_of_group, arms_of_people
from yutang.foundation.access import Actor
from yutang.journeys.models import Playbook


def experiment_key(playbook_id: int) -> str:
    """Return under which key the effect of a playbook is found."""
    return f"playbook:{playbook_id}"


def draw_held_out(*, playbook: Playbook, customer_ids: Sequence[int], percent: int, now: datetime) -> NDArray[np.bool_]:
    """Draw people, for ever, and return who gets nothing; shape (n,). In the caller's transaction.

    Args:
        playbook: whose secret they are drawn by; its experiment begins with the first people.
        customer_ids: people. Shape (n,).
        percent: share of those who get nothing; who was drawn by another share before stays where they are. 0: nobody is drawn.
        now: aware UTC.
    """
    if not percent:
        return np.zeros(len(customer_ids), dtype=bool)
    key = _experiment(playbook, "person", percent, now)
    return np.asarray(draw_people(actor=Actor.system(), key=key, customer_ids=customer_ids, now=now).is_held_out)


def draw_held_out_groups(
    *, playbook: Playbook, members: Mapping[str, Sequence[int]], percent: int, now: datetime
) -> set[str]:
    """Draw whole groups, for ever, and return which get nothing. In the caller's transaction.

    Args:
        playbook: whose secret they are drawn by.
        members: customers in each group, by key: what these people do afterwards is counted.
        percent: share of the groups that get nothing. 0: none is drawn.
        now: aware UTC.
    """
    if not percent:
        return set()
    key = _experiment(playbook, "group", percent, now)
    drawn = draw_groups(actor=Actor.system(), key=key, members=members, now=now)
    return {group for group, arm in drawn.items() if arm == HELD_OUT}


def foreseen_held_out(*, salt: bytes, customer_ids: Sequence[int], percent: int) -> NDArray[np.bool_]:
    """Return who would get nothing, drawing nobody; shape (n,)."""
    if not percent:
        return np.zeros(len(customer_ids), dtype=bool)
    held = percent * WHOLE // 100
    people = np.asarray(customer_ids, dtype=np.int64)
    return np.asarray(arms_of_people(salt=salt, customer_ids=people, shares=[held, WHOLE - held]) == 0)


def foreseen_held_out_groups(*, salt: bytes, group_keys: Sequence[str], percent: int) -> set[str]:
    """Return which groups would get nothing, drawing none."""
    if not percent:
        return set()
    held = percent * WHOLE // 100
    shares = [held, WHOLE - held]
    return {key for key in group_keys if arm_of_group(salt=salt, group_key=key, shares=shares) == 0}


def _experiment(playbook: Playbook, unit: str, percent: int, now: datetime) -> str:
    """Return the key of the playbook's experiment, begun where there is none, with this share from now on."""
    system, key = Actor.system(), experiment_key(playbook.pk)
    try:
        change_shares(actor=system, key=key, held_out_percent=percent, now=now)
    except NoSuchExperiment:
        begin_experiment(
            actor=system,
            key=key,
            title=playbook.name,
            unit=unit,
            held_out_percent=percent,
            salt=bytes(playbook.salt),
            now=now,
        )
    return key
