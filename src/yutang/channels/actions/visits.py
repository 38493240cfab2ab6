"""Somebody follows a link of a message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from yutang.channels.actions.stops import LinkIsUnknown
from yutang.channels.events import LinkOpened
from yutang.channels.links import link_behind, note_visit
from yutang.channels.models import LinkKind
from yutang.foundation import outbox
from yutang.foundation.access import Actor


@transaction.atomic
def open_link(*, actor: Actor, token: str, method: str, headers: Mapping[str, str], now: datetime) -> str:
    """Return where a link leads, and write down who followed it when: a person, or a program.

    Args:
        actor: the system: whoever holds the link needs no log-in.
        token: of the link.
        method: of the request.
        headers: of the request, looked up without regard to case.
        now: aware UTC.

    Raises:
        LinkIsUnknown: there is no such link.
    """
    actor.require("channels.send")
    link = link_behind(token=token, kind=LinkKind.TARGET)
    if link is None or not link.target:
        raise LinkIsUnknown
    visitor = note_visit(link, method=method, headers=headers, now=now)
    if visitor == "person":
        touch = link.touch
        customer_id = 0 if touch is None else touch.customer_id or 0
        outbox.record(LinkOpened(link.pk, "" if touch is None else touch.key, customer_id, link.campaign, now), now=now)
    return link.target
