"""What the room does when it hears of WeCom: groups become known, and places are taken by those who come."""

from __future__ import annotations

from datetime import datetime

from yutang.communities.registering import follow_groups
from yutang.communities.settling import settle_places
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.wecom.events import GroupsFound, GroupsJoined


@handles(GroupsFound)
def get_to_know_communities(event: GroupsFound, *, event_id: int, now: datetime) -> None:
    """Make new groups known, and tie those that were waited for; a second time there is nothing to do."""
    follow_groups(now=now)


@handles(GroupsJoined)
def let_newcomers_take_their_places(event: GroupsJoined, *, event_id: int, now: datetime) -> None:
    """Write down that those who came took the places that were kept for them; a second time there are none."""
    settle_places(actor=Actor.system(), customer_ids=set(event.customer_ids), now=now)
