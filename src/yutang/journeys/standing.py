"""Where somebody stands in a playbook: what a step needs on arriving at it, and what becomes of it on leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import NamedTuple

from django.utils import timezone

from yutang.journeys.clocks import over_at
from yutang.journeys.definition import Definition, WaitForStep, WaitStep, WaitUntilStep
from yutang.journeys.models import Ending


@dataclass(frozen=True)
class Arrival:
    """When a step that somebody comes to is due, and what it waits for."""

    due_at: datetime
    waits_for: str = ""


class Move(NamedTuple):
    """What a step made of one person.

    Attributes:
        outcome: one of `OUTCOMES`.
        to: target as the definition names it; empty: the person stays at the step until `at`.
        at: when they come to it. Aware UTC.
        reason: code of the contact policy's reason, or the way that was taken.
        ending: why they leave the playbook here; empty: they go on.
    """

    outcome: str
    to: str
    at: datetime
    reason: str = ""
    ending: str = ""


#: What can become of a step.
OUTCOMES = (
    "planned",
    "replaced",
    "refused",
    "tagged",
    "asked",
    "told",
    "done",
    "unable",
    "waited",
    "heard",
    "way",
    "left",
    "ended",
    "moved",
)


def arrival(definition: Definition, step_id: str, *, at: datetime) -> Arrival:
    """Return what a step needs of somebody who comes to it at an instant."""
    step = definition.step(step_id)
    if not isinstance(step, WaitStep | WaitUntilStep | WaitForStep):
        return Arrival(at)
    over = over_at(step=step, since=at, zone=zone())
    return Arrival(over, step.waits_for if isinstance(step, WaitForStep) else "")


def zone() -> tzinfo:
    """Return the zone of the organisation, by whose clock times of the day are read."""
    return timezone.get_default_timezone()


def left(*, at: datetime, ending: Ending, reason: str = "") -> Move:
    """Return that somebody leaves the playbook before the step does anything."""
    return Move("left", "end", at, reason, ending.value)
