"""What can happen to a person so that a playbook begins or goes on: events that name people, and the facts that tell them apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.foundation.outbox import kind_of
from yutang.kit.registry import Registry
from yutang.kit.text import N_
from yutang.wecom.events import FriendsAdded, FriendsLost, GroupsJoined
from yutang.wecom.queries import facts_of_friendships, facts_of_joining
from yutang.wecom.views import Fact


@dataclass(frozen=True)
class Occurrence:
    """A kind of event that happens to people.

    Attributes:
        event: its dataclass.
        title: what a person reads, marked for translation.
        facts: names of what a definition may ask under ``where``.
        read: returns to whom an event happened, and the facts of each.
    """

    event: type[Any]
    title: str
    facts: tuple[str, ...]
    read: Callable[[Any], Sequence[Fact]]

    @property
    def kind(self) -> str:
        """The stable name of the event: ``room.ClassName``."""
        return kind_of(self.event)


#: Events of batches, which name many people at once; those that name one are announced by their rooms.
OCCURRENCES: Registry[Occurrence] = Registry(what="occurrences of playbooks", name_of=lambda one: one.kind)

_OF_FRIENDS = ("way", "state", "add_way", "staff", "store")
FRIENDS_ADDED = OCCURRENCES.register(
    Occurrence(
        FriendsAdded,
        N_("Somebody became a friend of a member of staff in WeCom"),
        _OF_FRIENDS,
        lambda event: facts_of_friendships(friendship_ids=event.friendship_ids),
    )
)
OCCURRENCES.register(
    Occurrence(
        FriendsLost,
        N_("Somebody is no longer a friend in WeCom"),
        _OF_FRIENDS,
        lambda event: facts_of_friendships(friendship_ids=event.friendship_ids),
    )
)
OCCURRENCES.register(
    Occurrence(
        GroupsJoined,
        N_("Somebody came into a group in WeCom"),
        ("group", "store"),
        lambda event: facts_of_joining(group_ids=event.group_ids, customer_ids=event.customer_ids),
    )
)


def occurrences() -> Iterator[Occurrence]:
    """Yield everything that can happen to a person, as far as rooms tell of it."""
    yield from OCCURRENCES
    yield from (_announced(one) for one in ANNOUNCED if one.people)


def occurrence(kind: str) -> Occurrence | None:
    """Return what happens to people by an event; None where it names nobody."""
    if kind in OCCURRENCES:
        return OCCURRENCES[kind]
    return _announced(ANNOUNCED[kind]) if kind in ANNOUNCED and ANNOUNCED[kind].people else None


def fits_where(facts: Any, where: Any) -> bool:
    """Return whether facts are those that a definition asks for; of a fact with several values one is enough."""
    return all(
        wanted in facts[name] if isinstance(facts.get(name), tuple) else facts.get(name) == wanted
        for name, wanted in where.items()
    )


def _announced(told: AnnouncedEvent) -> Occurrence:
    names = tuple(field.name for field in dataclasses.fields(told.event))

    def read(event: Any) -> list[Fact]:
        facts = {name: getattr(event, name) for name in names}
        return [Fact(person, facts) for person in sorted({facts[name] for name in told.people})]

    return Occurrence(told.event, told.title, names, read)
