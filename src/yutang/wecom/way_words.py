"""What contact ways say that rooms above look after: they plug in their words, which may change with the time of day."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yutang.connectors.wecom.messages import Attachment
from yutang.kit.registry import Registry


@dataclass(frozen=True)
class Said:
    """What somebody who comes by a contact way is told.

    Attributes:
        content: content of the library in place of the words; empty: none.
        words: empty where there are none: then the usual ones are said.
        also: makes what goes along with either for whoever comes, by their external user id; None: nothing goes along.
    """

    content: str = ""
    words: str = ""
    also: Callable[[str], Attachment] | None = None


class SaysOfWays(Protocol):
    """A room that looks after contact ways."""

    name: str

    def said(self, *, states: Collection[str], now: datetime) -> dict[str, Said]:
        """Return what each of these ways of the room says now, by what it brings back; others are left out. Asks the store alone."""


WAY_WORDS: Registry[SaysOfWays] = Registry(what="words of contact ways", name_of=lambda one: one.name)


def words_of_ways(*, states: Collection[str], now: datetime) -> dict[str, Said]:
    """Return what contact ways say that rooms above look after, by what they bring back."""
    found: dict[str, Said] = {}
    for source in WAY_WORDS if states else ():
        found.update(source.said(states=states, now=now))
    return found
