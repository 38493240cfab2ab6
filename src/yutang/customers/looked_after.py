"""How many people a member of staff looks after."""

from __future__ import annotations

from django.db.models import Count

from yutang.customers.models import Customer
from yutang.foundation.access import Actor


def looked_after(*, access: Actor, staff_id: int) -> dict[int | None, int]:
    """Return how many people a member of staff looks after, ``{store: count}``; None for those of no store.

    Reads every person once: there is no index for who looks after whom, because it would cost every import.

    Args:
        access: needs ``staff.manage``; all their people are counted, also those that the actor does not see.
        staff_id: who looks after them.
    """
    access.require("staff.manage")
    rows = Customer.objects.filter(owner_id=staff_id, merged_into=None).order_by().values_list("store_id")
    return dict(rows.annotate(Count("pk")))
