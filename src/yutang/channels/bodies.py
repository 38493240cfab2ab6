"""What a message says: higher rooms that keep contents plug in how a content becomes the words for one receiver."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from yutang.kit.registry import Registry


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
    """

    name: str
    bodies: MakesBodies
    intents: KnowsIntents = _of_no_intent


BODIES: Registry[BodySource] = Registry(what="message bodies", name_of=lambda source: source.name)
