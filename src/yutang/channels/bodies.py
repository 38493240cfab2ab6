"""What a message says: higher rooms that keep contents plug in how a content becomes the words for one receiver."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from yutang.foundation.access import Actor
from yutang.kit.registry import Registry

#: A content, and the person who reads it; None for a group.
Said = tuple[str, int | None]


@dataclass(frozen=True)
class Body:
    """What one receiver reads.

    Attributes:
        text: the words, variables filled in.
        subject: of an e-mail; elsewhere empty.
        attachments: what goes with the text, as WeCom's messages name it: ``{"kind": "link", "title": ..., "url": ...}``.
        template: code of the text with the sender of SMS, and its values in `values`; empty where there is none.
        values: of the template.
    """

    text: str
    subject: str = ""
    attachments: tuple[Mapping[str, Any], ...] = ()
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


class MakesBodies(Protocol):
    """Turns one content into the words for some receivers at once."""

    def __call__(
        self, *, reference: str, channel: str, customer_ids: Sequence[int], group_keys: Sequence[str], now: datetime
    ) -> Mapping[int | str, Body]:
        """Return the words by customer and by group; a receiver that is left out cannot be told this."""


class KnowsIntents(Protocol):
    """Tells for what contents were written."""

    def __call__(self, *, references: Collection[str]) -> Mapping[str, str]:
        """Return the intent by reference; a content that there is not, or that has none of its own, is left out."""


class ShowsWords(Protocol):
    """Tells staff what receivers read."""

    def __call__(self, *, access: Actor, asked: Collection[Said], now: datetime) -> Mapping[Said, str]:
        """Return the words of messages, personal values masked; what cannot be shown to who looks is left out.

        Args:
            access: who looks.
            asked: contents, each with the person within reach who reads it; None for a group.
            now: aware UTC.
        """


def _shows_nothing(*, access: Actor, asked: Collection[Said], now: datetime) -> Mapping[Said, str]:
    """Return nothing: the words are kept nowhere."""
    return {}


class TellsVariation(Protocol):
    """Tells whether receivers of one content read different words."""

    def __call__(self, *, reference: str) -> bool:
        """Return whether the words hold values of a person."""


def _never_varies(*, reference: str) -> bool:
    """Return that everybody reads the same."""
    return False


def _of_no_intent(*, references: Collection[str]) -> Mapping[str, str]:
    """Return nothing: the words serve whatever intent the message has."""
    return {}


@dataclass(frozen=True)
class BodySource:
    """A kind of contents.

    Attributes:
        name: what stands before the colon of a touch's content: ``content`` of ``content:17:3``.
        bodies: how its contents become words.
        intents: for what its contents were written; a message that names one has no other intent.
        shown: what staff see of its contents.
        varies: whether the words of one content differ by person.
    """

    name: str
    bodies: MakesBodies
    intents: KnowsIntents = _of_no_intent
    shown: ShowsWords = _shows_nothing
    varies: TellsVariation = _never_varies


BODIES: Registry[BodySource] = Registry(what="message bodies", name_of=lambda source: source.name)
