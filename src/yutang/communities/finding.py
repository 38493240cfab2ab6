"""Finding one group, or those within reach."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from yutang.communities.advice import BY_ONE_POST
from yutang.communities.models import Community
from yutang.communities.refusals import GroupIsClosed, NoSuchCommunity
from yutang.foundation.access import Actor


def within_reach(access: Actor) -> QuerySet[Community]:
    """Return the groups of the actor's stores, and those that the actor owns; dismissed ones are gone."""
    rows = Community.objects.filter(group__dismissed_at=None)
    if access.store_ids is None:
        return rows
    of_stores = rows.filter(store_id__in=access.store_ids)
    return of_stores | rows.filter(owner_id=access.own_id) if access.staff_id else of_stores


def needing(rows: QuerySet[Community]) -> QuerySet[Community]:
    """Return those of the groups that somebody must look at one by one: what one standard post does for many at once is not among them."""
    return rows.filter(urgency__gt=0).exclude(advice="").exclude(BY_ONE_POST_Q)


BY_ONE_POST_Q = reduce(or_, (Q(advice=advice, life=life) for advice, life in BY_ONE_POST))


def one_within_reach(access: Actor, community_id: int) -> Community:
    """Return one group.

    Raises:
        NoSuchCommunity: there is none within reach.
    """
    row = within_reach(access).select_related("group", "store", "owner").filter(pk=community_id).first()
    if row is None:
        raise NoSuchCommunity(group=community_id)
    return row


def open_within_reach(access: Actor, community_id: int) -> Community:
    """Return one group that is not closed.

    Raises:
        NoSuchCommunity: there is none within reach.
        GroupIsClosed: it is closed.
    """
    row = one_within_reach(access, community_id)
    if row.closed_at is not None:
        raise GroupIsClosed(name=row.group.name)
    return row
