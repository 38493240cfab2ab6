"""Contents that newcomers get in place of plain words: a room above that keeps contents plugs in how they are said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar, Protocol

from yutang.connectors.wecom.messages import Message
from yutang.kit.errors import DomainError
from yutang.kit.registry import Registry
from yutang.kit.text import N_

#: A stranger agreed to nothing yet: what greets serves them or is of use to them; it sells and asks nothing.
GREETING_INTENTS = ("service", "value")
#: Longest name of a content.
LONGEST = 80


class ContentIsUnknown(DomainError):
    """No room knows such a content."""

    code: ClassVar[str] = "greeting_content_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "“%(content)s” is no content that newcomers can be greeted with. A content is named like content:17:3."
    )


class SaysContents(Protocol):
    """A room that keeps contents."""

    #: What stands before the colon of a content's name.
    name: str

    def messages(self, *, contents: Collection[str], now: datetime) -> Mapping[str, Message]:
        """Return contents as WeCom takes them, by name; what cannot be said now is left out. Asks nobody but the store."""

    def check(self, *, content: str, now: datetime) -> None:
        """Refuse a content that cannot be said, and have its pictures ready before it is.

        Raises:
            DomainError: it cannot be said, and why.
        """


SOURCES: Registry[SaysContents] = Registry(what="contents of greetings", name_of=lambda one: one.name)


def messages_of(contents: Collection[str], *, now: datetime) -> dict[str, Message]:
    """Return contents as WeCom takes them, by name; what cannot be said now is left out."""
    found: dict[str, Message] = {}
    for source in SOURCES:
        mine = {one for one in contents if one.partition(":")[0] == source.name}
        if mine:
            found.update(source.messages(contents=mine, now=now))
    return found


def check_content(content: str, *, now: datetime) -> None:
    """Refuse a content that cannot be said to newcomers; an empty name is none.

    Raises:
        ContentIsUnknown: no room knows it.
        DomainError: it cannot be said, and why.
    """
    if not content:
        return
    source = next((one for one in SOURCES if one.name == content.partition(":")[0]), None)
    if source is None or len(content) > LONGEST:
        raise ContentIsUnknown(content=content[:LONGEST])
    source.check(content=content, now=now)
