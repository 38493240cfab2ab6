"""How each room forgets a person: a list that rooms plug into, so that one request reaches all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yutang.foundation.access import Actor
from yutang.kit.registry import Registry


class Forget(Protocol):
    """Takes people out of the tables of one room in one transaction; told again, it finds nothing."""

    def __call__(self, *, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
        """Forget, and return how many rows that were."""


@dataclass(frozen=True)
class Eraser:
    """What one room does where a person is erased.

    Attributes:
        room: name of the room.
        title: what it holds, for people.
        columns: ``table.column`` that name or seal a person, which it empties or deletes.
        forget: does it.
        kept: what stays, without the person, and why; empty: nothing.
        may_refuse: whether it may refuse, so that it is asked before anything else is erased.
    """

    room: str
    title: str
    columns: tuple[str, ...]
    forget: Forget
    kept: str = ""
    may_refuse: bool = False


ERASERS: Registry[Eraser] = Registry(what="erasers", name_of=lambda one: one.room)
