"""Which tokens somebody may see and end: the own ones, and those that give no more than they have."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from yutang.foundation.access import Actor
from yutang.foundation.queries import staff_cards, stores


def within_reach(*, access: Actor, now: datetime) -> Q:
    """Return the condition that a token is within an actor's reach."""
    own = Q(staff_id=access.own_id)
    if not access.can("staff.manage"):
        return own
    if access.store_ids is None:
        return Q()
    # A service that reaches the whole chain, or one store more, is not theirs to see.
    here = [store.id for store in stores(access=access)]
    further = Q(stores__isnull=False) & ~Q(stores__in=here)
    services = Q(staff=None, is_scoped=True) & ~further
    return own | Q(staff_id__in=_below(access, now)) | services


def may_act_as(*, access: Actor, staff_id: int, now: datetime) -> bool:
    """Return whether an actor has everything that a member of staff has, and reaches what they reach."""
    return access.staff_id is None or staff_id == access.staff_id or staff_id in _below(access, now)


def _below(access: Actor, now: datetime) -> frozenset[int]:
    return frozenset(card.person.id for card in staff_cards(access=access, now=now) if card.may_change)
