"""What steps need that another room does. A step whose room does not exist yet can be written, but not started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yutang.foundation.access import Actor
from yutang.journeys.definition import AnyStep
from yutang.kit.registry import Registry


@dataclass(frozen=True)
class Asked:
    """One person at one step.

    Attributes:
        key: idempotency key: the same key is done once, whatever happens. At most 120 characters.
        customer_id: who.
        campaign: under which the playbook does what it does, ``playbook:3``.
    """

    key: str
    customer_id: int
    campaign: str = ""


class DoesSteps(Protocol):
    """Does what a step says for some people at once, in the caller's transaction."""

    def __call__(self, *, actor: Actor, step: AnyStep, asked: Sequence[Asked], now: datetime) -> Sequence[bool]:
        """Return for each, by position, whether it could be done."""


class LooksAtSteps(Protocol):
    """Looks before a start whether what a step names is there."""

    def __call__(self, *, step: AnyStep) -> None:
        """Raise the `DomainError` that says what is missing."""


def _nothing_to_look_at(*, step: AnyStep) -> None:
    """Let every step start."""


@dataclass(frozen=True)
class Ability:
    """A kind of step that another room can do, such as ``coupon``.

    Attributes:
        do: the kind.
        does: does it.
        looks: looks before a start whether it can be done.
    """

    do: str
    does: DoesSteps
    looks: LooksAtSteps = _nothing_to_look_at


ABILITIES: Registry[Ability] = Registry(what="abilities of playbooks", name_of=lambda one: one.do)
#: Kinds of steps that no playbook does by itself.
NEED_A_ROOM = frozenset({"coupon"})


def look_at_steps(steps: Sequence[AnyStep]) -> None:
    """Raise the refusal of the first step that names what is not there.

    Raises:
        DomainError: as the room of the step says it.
    """
    for step in steps:
        if step.do in ABILITIES:
            ABILITIES[step.do].looks(step=step)


def missing_abilities(steps: Sequence[AnyStep]) -> list[tuple[str, str]]:
    """Return (step, kind) of each step that nobody here can do."""
    return [(step.id, step.do) for step in steps if step.do in NEED_A_ROOM and step.do not in ABILITIES]
