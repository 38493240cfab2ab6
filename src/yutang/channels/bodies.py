"""What a message says: higher rooms that keep contents plug in how a content becomes the words for one receiver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True)
class BodySource:
    """A kind of contents.

    Attributes:
        name: what stands before the colon of a touch's content: ``content`` of ``content:17:3``.
        bodies: how its contents become words.
    """

    name: str
    bodies: MakesBodies


BODIES: Registry[BodySource] = Registry(what="message bodies", name_of=lambda source: source.name)
