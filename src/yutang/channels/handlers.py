"""What the room does when it hears of others: a no stops at once what was planned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from yutang.channels.actions.notes import set_group_standing
from yutang.channels.actions.stops import stop_planned
from yutang.channels.models import GroupStanding
from yutang.channels.quota import note_sent
from yutang.customers.events import ConsentChanged, MergeUndone
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.wecom.events import GroupsFound
from yutang.wecom.queries import groups_of_keys


@handles(ConsentChanged)
def stop_what_nobody_wants(event: Any, *, event_id: int, now: datetime) -> None:
    """Refuse planned messages of somebody who said no; a second time there are none."""
    if not event.granted:
        stop_planned(actor=Actor.system(), customer_id=event.customer_id, now=now)


@handles(MergeUndone)
def count_places_of_both(event: MergeUndone, *, event_id: int, now: datetime) -> None:
    """Take places for messages that went back to somebody: those sent while the two were one were counted for the other."""
    note_sent([event.winner_id, event.loser_id])


@handles(GroupsFound)
def get_to_know_groups(event: GroupsFound, *, event_id: int, now: datetime) -> None:
    """Note groups of which nothing was noted yet, so that the policy can decide for them."""
    made = groups_of_keys(group_ids=set(event.group_ids))
    known = set(GroupStanding.objects.filter(pk__in=made).order_by().values_list("pk", flat=True))
    for chat_id in sorted(made.keys() - known):
        set_group_standing(actor=Actor.system(), group_key=chat_id, standing="alive", joined_at=made[chat_id], now=now)
