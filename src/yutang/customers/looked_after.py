"""How many people a member of staff looks after."""

from __future__ import annotations

from django.db.models import Count, Q

from yutang.customers.models import Customer
from yutang.foundation.access import Actor


def looked_after(*, access: Actor, staff_id: int, reach: frozenset[int] | None) -> tuple[int, int]:
    """Return how many people a member of staff looks after, and how many of them belong to stores beyond a reach.

    Reads every person once: there is no index for who looks after whom, because it would cost every import.

    Args:
        access: needs ``staff.manage``; all their people are counted, also those that the actor does not see.
        staff_id: who looks after them.
        reach: stores; None for all.
    """
    access.require("staff.manage")
    beyond = Q(store__isnull=False) & ~Q(store_id__in=reach) if reach is not None else Q(pk=None)
    rows = Customer.objects.filter(owner_id=staff_id, merged_into=None)
    counts = rows.aggregate(all=Count("pk"), beyond=Count("pk", filter=beyond))
    return counts["all"], counts["beyond"]
