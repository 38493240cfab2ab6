"""Which events are told to other systems. Rooms declare theirs in their `announced_events`; the room `webhooks` tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yutang.foundation.outbox import kind_of
from yutang.kit.registry import Registry


@dataclass(frozen=True)
class AnnouncedEvent:
    """An event that other systems may ask to be told.

    Attributes:
        event: its dataclass; keys and codes, nothing personal.
        title: what a person reads, marked with `N_`.
        permission: what whoever registers a receiver must hold, so that nobody is told more than they may see.
        people: fields that name people: only receivers that reach the store of one of them are told.
        store: field that names a store: only receivers that reach it are told.
    """

    event: type[Any]
    title: str
    permission: str
    people: tuple[str, ...] = ()
    store: str = ""

    @property
    def kind(self) -> str:
        """The stable name of the event: ``room.ClassName``."""
        return kind_of(self.event)


ANNOUNCED: Registry[AnnouncedEvent] = Registry(what="announced events", name_of=lambda one: one.kind)
