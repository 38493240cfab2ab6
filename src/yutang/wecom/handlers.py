"""What the room does when it hears that friendships ended."""

from __future__ import annotations

from datetime import datetime

from yutang.economics.actions import note_who_left
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.wecom.events import FriendsLost
from yutang.wecom.newcomers import reachable


@handles(FriendsLost)
def tell_who_left(event: FriendsLost, *, event_id: int, now: datetime) -> None:
    """Note of newcomers who cannot be reached by anybody any more that they left."""
    people = sorted(set(event.customer_ids))
    there = reachable(people, [now] * len(people), now)
    gone = [one for one in people if not there.get(one, False)]
    note_who_left(actor=Actor.system(), customer_ids=gone, key=f"friends_lost:{event_id}", now=now)
