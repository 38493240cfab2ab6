"""Places that were kept for newcomers: taken by those who came, lapsed where nobody did."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from yutang.communities.events import NewcomerCame
from yutang.communities.models import Place, PlaceState
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.wecom.models import GroupMember

_AT_ONCE = 500


@transaction.atomic
def settle_places(*, actor: Actor, customer_ids: Collection[int] | None = None, now: datetime) -> dict[str, int]:
    """Write down who came into the group in which a place was kept, and which places nobody took; return how many of each.

    Args:
        actor: the system as a rule; needs ``channels.send``.
        customer_ids: only places of these people; None: all.
        now: aware UTC.
    """
    actor.require("channels.send")
    held = Place.objects.filter(state=PlaceState.HELD)
    if customer_ids is not None:
        held = held.filter(customer_id__in=list(customer_ids))
    rows = list(held.select_for_update().select_related("community").order_by("pk"))
    seats = GroupMember.objects.filter(
        group_id__in={row.community.group_id for row in rows},
        contact__customer_id__in={row.customer_id for row in rows},
        left_at=None,
    ).order_by()
    inside = {(group, who): at for group, who, at in seats.values_list("group_id", "contact__customer_id", "joined_at")}
    came, lapsed = [], []
    for row in rows:
        joined_at = inside.get((row.community.group_id, row.customer_id))
        if joined_at is not None:
            row.state, row.came_at = PlaceState.TAKEN, joined_at
            came.append(row)
        elif row.held_until <= now:
            row.state = PlaceState.LAPSED
            lapsed.append(row)
    Place.objects.bulk_update([*came, *lapsed], ["state", "came_at"], batch_size=_AT_ONCE)
    told = [NewcomerCame(row.community_id, row.customer_id, row.inviter_id or 0, row.source) for row in came]
    outbox.record_all(told, now=now)
    return {"came": len(came), "lapsed": len(lapsed)}


def release_places(*, actor: Actor, keys: Collection[str], now: datetime) -> int:
    """Free places of newcomers who were not told of them after all, and return how many.

    Args:
        actor: needs ``channels.send``.
        keys: under which the places were given.
        now: aware UTC.
    """
    actor.require("channels.send")
    held = Place.objects.filter(key__in=list(keys), state=PlaceState.HELD)
    return held.update(state=PlaceState.LAPSED, held_until=now)
