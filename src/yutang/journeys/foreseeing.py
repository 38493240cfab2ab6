"""What a playbook that is tried would do, and on what that rests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from yutang.journeys.definition import Definition

#: Days ahead in which people and groups are let in.
DAYS = 30


@dataclass(frozen=True)
class Foreseen:
    """One thing that would happen to one person.

    Attributes:
        customer_id: who; 0 for a group.
        step: id of the step.
        do: what the step does.
        at: when. Aware UTC.
        outcome: of the contact policy, for a message (``now``, ``at``, ``replace``, ``refuse``); ``task`` for a task.
        reason: code of the policy's reason; empty for a task.
        group_key: key of the group; empty for a person.
    """

    customer_id: int
    step: str
    do: str
    at: datetime
    outcome: str
    reason: str = ""
    group_key: str = ""

    @property
    def day(self) -> date:
        """The business day on which it would happen."""
        return timezone.localtime(self.at).date()


@dataclass(frozen=True)
class Left:
    """How many are left of people or groups, once one more thing is asked of them.

    Attributes:
        asked: ``trigger`` (to whom it would happen), ``audience`` (who fits one of its conditions too), ``again`` (who is not in the
            playbook, nor was in it too lately) or ``reach`` (to whom it says something).
        count: who is left. Count.
        rule: the condition of the audience, as JSON; None for anything else.
    """

    asked: str
    count: int
    rule: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class DryRun:
    """What would happen.

    Attributes:
        foreseen: messages and tasks, by instant.
        people: who would come in and was played. Count.
        held: of them, who would be held out. Count.
        of_people: who would come in. Count; more than `people` where only some were played.
        unreached: to whom the trigger would happen, but whom on some course through the playbook no step reaches: they would not come
            in. Count.
        basis: on what it rests: ``present`` (who fits now, as if they came in now), ``days`` (whose day comes), ``past`` (as if
            the coming 30 days were like the last), ``schedule``, or ``unknown`` (nobody can foresee it: a few people are played).
        left: how many were left at each thing that is asked of who is to come in, in turn.
    """

    foreseen: tuple[Foreseen, ...]
    people: int
    held: int
    of_people: int
    basis: str
    unreached: int = 0
    left: tuple[Left, ...] = ()

    @property
    def said_to(self) -> int:
        """How many people or groups of those played would be said something to, by a message, a post or a human. Count."""
        return len({(one.customer_id, one.group_key) for one in self.foreseen if one.outcome != "refuse"})

    @property
    def nobody_at(self) -> Left | None:
        """At what nobody was left any more; None where somebody comes in."""
        return next((one for one in self.left if not one.count), None)


def conditions_of(rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rules that must all hold for a rule of segments, or of groups, to hold; itself where it is one condition."""
    if "rule" not in rule:
        return [{"all": [test]} for test in rule["all"]]
    parts = rule["rule"].get("all") if isinstance(rule["rule"], dict) else None
    return [{**rule, "rule": part} for part in parts] if parts else [dict(rule)]


def in_turn(definition: Definition) -> list[str]:
    """Return the steps so that each stands after all from which a way leads to it."""
    leads: dict[str, set[str]] = {step.id: set() for step in definition.steps}
    for step_id, _field, to in definition.ways():
        if to:
            leads[to].add(step_id)
    order: list[str] = []
    while len(order) < len(leads):
        order += [key for key, before in leads.items() if key not in order and before <= set(order)]
    return order
