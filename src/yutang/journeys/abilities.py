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
    """

    key: str
    customer_id: int


class DoesSteps(Protocol):
    """Does what a step says for some people at once, in the caller's transaction."""

    def __call__(self, *, actor: Actor, step: AnyStep, asked: Sequence[Asked], now: datetime) -> Sequence[bool]:
        """Return for each, by position, whether it could be done."""


@dataclass(frozen=True)
class Ability:
    """A kind of step that another room can do, such as ``coupon``."""

    do: str
    does: DoesSteps


ABILITIES: Registry[Ability] = Registry(what="abilities of playbooks", name_of=lambda one: one.do)
#: Kinds of steps that no playbook does by itself.
NEED_A_ROOM = frozenset({"coupon"})


def missing_abilities(steps: Sequence[AnyStep]) -> list[tuple[str, str]]:
    """Return (step, kind) of each step that nobody here can do."""
    return [(step.id, step.do) for step in steps if step.do in NEED_A_ROOM and step.do not in ABILITIES]
