"""What a content costs as short messages: the parts that a gateway charges, from what some of its receivers would read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yutang.content.length import short_length
from yutang.content.previews import signature
from yutang.content.stored import version_named, versions_named
from yutang.content.variables import values_for
from yutang.content.writing import templates_of
from yutang.foundation.access import Actor

#: Receivers whose words are counted; of more, evenly spread ones.
LOOKED_AT = 200


@dataclass(frozen=True)
class ShortCost:
    """What a content costs as short messages.

    Attributes:
        receivers: who would get it. Count.
        looked_at: receivers whose words were counted.
        parts: charged messages for all of them, about where not everybody was looked at. Count.
        most: charged messages for one of them at most. Count.
        lacking: of those looked at, who lacks a value without fall-back and is left out. Count.
    """

    receivers: int
    looked_at: int
    parts: int
    most: int
    lacking: int


def lack_template(*, access: Actor, references: Sequence[str]) -> list[str]:
    """Return those of some contents that no gateway would send, because they name no template of it; what there is not is left out.

    Args:
        access: needs ``content.view``.
        references: contents and versions, ``17:3``.
    """
    access.require("content.view")
    return [reference for reference, row in versions_named(references).items() if not row.sms_template]


def short_cost(*, access: Actor, reference: str, customer_ids: Sequence[int], now: datetime) -> ShortCost:
    """Return what a content costs as short messages to some people; nobody's words leave, only their length.

    Args:
        access: needs ``content.view``.
        reference: content and version, ``17:3``.
        customer_ids: who would get it.
        now: aware UTC.

    Raises:
        NoSuchVersion: there is no such version.
    """
    access.require("content.view")
    body, _subject = templates_of(version_named(reference))
    n, step = len(customer_ids), max(1, len(customer_ids) // LOOKED_AT)
    some = [int(one) for one in customer_ids[::step][:LOOKED_AT]]
    values = values_for(body.names, customer_ids=some, clear=True, now=now)
    told = [body.filled(known) for known in values.values() if not body.lacking(known)]
    parts = [short_length(signature() + text).parts for text in told]
    mean = sum(parts) / len(parts) if parts else 0.0
    going = n * len(parts) / len(some) if some else 0.0
    return ShortCost(n, len(some), round(mean * going), max(parts, default=0), len(some) - len(parts))
