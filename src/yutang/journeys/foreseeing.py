"""What a playbook that is tried would do, and on what that rests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

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
    """

    foreseen: tuple[Foreseen, ...]
    people: int
    held: int
    of_people: int
    basis: str
    unreached: int = 0


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
