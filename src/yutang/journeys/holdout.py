"""Who of a playbook's people is held out: drawn by the room of experiments, which tells later what the others brought more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from yutang.experiments.actions import NoSuchExperiment, begin_experiment, change_shares, draw_people
from yutang.experiments.assignment import WHOLE, arms_of_people
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
    system, key = Actor.system(), experiment_key(playbook.pk)
    try:
        change_shares(actor=system, key=key, held_out_percent=percent, now=now)
    except NoSuchExperiment:
        begin_experiment(
            actor=system, key=key, title=playbook.name, held_out_percent=percent, salt=bytes(playbook.salt), now=now
        )
    return np.asarray(draw_people(actor=system, key=key, customer_ids=customer_ids, now=now).is_held_out)


def foreseen_held_out(*, salt: bytes, customer_ids: Sequence[int], percent: int) -> NDArray[np.bool_]:
    """Return who would get nothing, drawing nobody; shape (n,)."""
    if not percent:
        return np.zeros(len(customer_ids), dtype=bool)
    held = percent * WHOLE // 100
    people = np.asarray(customer_ids, dtype=np.int64)
    return np.asarray(arms_of_people(salt=salt, customer_ids=people, shares=[held, WHOLE - held]) == 0)
