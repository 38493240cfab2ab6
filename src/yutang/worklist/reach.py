"""What of the list somebody sees and works on."""

from __future__ import annotations

from django.db.models import Q

from yutang.foundation.access import Actor


def within_reach(access: Actor) -> Q:
    """Return the condition of proposals within reach: of the stores that they see, and of no customer where they are the owner's.

    Whoever looks after a customer of another store finds that customer's page shut; nothing is told of it here either.
    """
    if access.store_ids is None:
        return Q()
    own = Q(owner_id=access.staff_id, customer=None) if access.staff_id is not None else Q(pk__in=())
    return Q(store_id__in=access.store_ids) | own
