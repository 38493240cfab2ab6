"""What short messages say on the phones that got them, from the values that their gateway was given; read through `queries`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from yutang.channels.bodies import Body
from yutang.channels.delivery.words import bodies_of
from yutang.channels.models import Delivery, Touch
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError


def words_on_phones(*, access: Actor, values: Mapping[str, Sequence[str]], now: datetime) -> dict[str, str]:
    """Return the words of short messages by what their gateway knows them by; what cannot be said any more is left out.

    A gateway is told the code of a text and its values: this is what it would make of them. For a sandbox alone, which shows them to
    whoever plays the receivers.

    Args:
        access: the system: personal values stand in the words.
        values: by what the gateway knows a message by: the values that it was given, in their order.
        now: aware UTC.
    """
    access.require("channels.send")
    access.require("customers.unmask")
    rows = Delivery.objects.filter(out_id__in=list(values), touch__channel="sms").select_related("touch")
    touches = {row.out_id: row.touch for row in rows}
    by_content: dict[str, list[Touch]] = {}
    for touch in touches.values():
        by_content.setdefault(touch.content, []).append(touch)
    bodies: dict[int, Body] = {}
    for some in by_content.values():
        try:
            bodies |= bodies_of(some, now=now)
        except DomainError:
            # The content may have been ended since.
            continue
    found = {out_id: bodies[touch.pk] for out_id, touch in touches.items() if touch.pk in bodies}
    return {out_id: _as_given(body, values[out_id]) for out_id, body in found.items()}


def _as_given(body: Body, given: Sequence[str]) -> str:
    """Return words with the values that were given: addresses in them lead by a link of the receiver's own."""
    text = body.text
    for own, told in zip(body.values.values(), given, strict=False):
        text = text.replace(own, told) if own else text
    return text
