"""Who of a campaign's receivers is held out: foreseen without a trace, drawn for good when the campaign is planned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

import numpy as np

from yutang.channels.columns import Flags, Ints
from yutang.channels.models import Campaign
from yutang.experiments.actions import (
    ExperimentHasEnded,
    ExperimentIsThere,
    NoSuchExperiment,
    begin_experiment,
    draw_groups,
    draw_people,
    end_experiment,
)
from yutang.experiments.assignment import WHOLE, arm_of_group, arms_of_people
from yutang.foundation.access import Actor

#: Name of the arm that gets nothing.
HELD_OUT = "held_out"


def experiment_key(campaign_key: str) -> str:
    """Return under which key the effect of a campaign is found."""
    return f"campaign:{campaign_key}"


def foreseen_people(campaign: Campaign) -> Callable[[Ints], Flags] | None:
    """Return what says who would be held out of some people, drawing nobody; None where nobody is."""
    percent = campaign.held_out_percent
    if not percent:
        return None

    def hold_back(people: Ints) -> Flags:
        shares = _shares(percent)
        held: Flags = arms_of_people(salt=bytes(campaign.salt), customer_ids=people, shares=shares) == 0
        return held

    return hold_back


def foreseen_groups(campaign: Campaign, groups: Collection[str]) -> set[str]:
    """Return which groups would be held out, drawing none."""
    percent, salt = campaign.held_out_percent, bytes(campaign.salt)
    if not percent:
        return set()
    return {one for one in groups if arm_of_group(salt=salt, group_key=one, shares=_shares(percent)) == 0}


def drawn_people(campaign: Campaign, *, now: datetime) -> Callable[[Ints], Flags] | None:
    """Return what draws people for good, and says who of them is held out; None where nobody is."""
    if not campaign.held_out_percent:
        return None

    def hold_back(people: Ints) -> Flags:
        _begin(campaign, unit="person", now=now)
        key = experiment_key(campaign.key)
        return np.asarray(draw_people(actor=Actor.system(), key=key, customer_ids=people, now=now).is_held_out)

    return hold_back


def drawn_groups(campaign: Campaign, members: Mapping[str, Sequence[int]], *, now: datetime) -> set[str]:
    """Draw groups for good, with the people who are in them now, and return which are held out."""
    if not campaign.held_out_percent or not members:
        return set()
    _begin(campaign, unit="group", now=now)
    arms = draw_groups(actor=Actor.system(), key=experiment_key(campaign.key), members=members, now=now)
    return {group for group, arm in arms.items() if arm == HELD_OUT}


def end_drawing(campaign: Campaign, *, now: datetime) -> None:
    """Draw nobody any more: everybody of the campaign was asked about. What follows is read on."""
    try:
        end_experiment(actor=Actor.system(), key=experiment_key(campaign.key), now=now)
    except (NoSuchExperiment, ExperimentHasEnded):
        return


def _begin(campaign: Campaign, *, unit: str, now: datetime) -> None:
    try:
        begin_experiment(
            actor=Actor.system(),
            key=experiment_key(campaign.key),
            title=campaign.name,
            unit=unit,
            held_out_percent=campaign.held_out_percent,
            salt=bytes(campaign.salt),
            now=now,
        )
    except ExperimentIsThere:
        return


def _shares(percent: int) -> list[int]:
    held = percent * WHOLE // 100
    return [held, WHOLE - held]
