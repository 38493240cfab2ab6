"""Events of other systems that happened in a customer group: its members were seen, and the room of groups counts them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from yutang.api.behaviour import Seen
from yutang.communities.actions import SeenOnce, note_seen
from yutang.customers.known_people import digest_of_identifier
from yutang.foundation.access import Actor

#: Kind of an event whose property ``group`` names a group of WeCom → what its member did.
GROUP_EVENTS = {"group_message": "messages", "group_reaction": "reactions", "group_click": "clicks"}
_LONGEST_KEY = 64


def tell_groups(*, actor: Actor, source: str, events: Sequence[Seen], now: datetime) -> int:
    """Let the groups count members whom events name; return how many events name a group that is not known here.

    The same person counts once a day in a group for each thing they did; an event that names nobody counts as somebody.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    seen = [
        SeenOnce(str(group)[:_LONGEST_KEY], one.happened_at.astimezone(zone).date(), GROUP_EVENTS[one.kind], _who(one))
        for one in events
        if one.kind in GROUP_EVENTS and (group := one.properties.get("group"))
    ]
    return note_seen(actor=actor, source=source, seen=seen, now=now) if seen else 0


def _who(one: Seen) -> bytes:
    found = (digest_of_identifier(kind=kind, value=value, scope="own") for kind, value in one.identifiers)
    known = next((digest for digest in found if digest is not None), None)
    return known or hashlib.blake2b(f"event {one.event_id}".encode(), digest_size=16).digest()
