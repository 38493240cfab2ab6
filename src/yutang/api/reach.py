"""Which tokens somebody may see and end: the own ones, and those that give no more than they have."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from yutang.api.models import Token, TokenKind
from yutang.foundation.access import PERMISSIONS, Actor
from yutang.foundation.queries import staff_cards


def within_reach(*, access: Actor, now: datetime) -> Q:
    """Return the condition that a token is within an actor's reach."""
    if access.covers(permissions=PERMISSIONS, store_ids=None):
        return Q()
    own = Q(staff_id=access.own_id)
    if not access.can("staff.manage"):
        return own
    services = Token.objects.filter(kind=TokenKind.SERVICE).prefetch_related("stores")
    covered = [service.pk for service in services if _covers(access, service)]
    return own | Q(staff_id__in=_below(access, now)) | Q(pk__in=covered)


def may_act_as(*, access: Actor, staff_id: int, now: datetime) -> bool:
    """Return whether an actor has everything that a member of staff has, and reaches what they reach."""
    everything = access.covers(permissions=PERMISSIONS, store_ids=None)
    return everything or staff_id == access.staff_id or staff_id in _below(access, now)


def _covers(access: Actor, service: Token) -> bool:
    reach = frozenset(store.pk for store in service.stores.all()) if service.is_scoped else None
    return access.covers(permissions=frozenset(service.permissions), store_ids=reach)


def _below(access: Actor, now: datetime) -> frozenset[int]:
    return frozenset(card.person.id for card in staff_cards(access=access, now=now) if card.may_change)
