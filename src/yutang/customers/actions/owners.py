"""Customers given from one member of staff to another."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from yutang.customers.models import Customer
from yutang.customers.touching import touch_people
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit


@transaction.atomic
def hand_over_customers(
    *,
    actor: Actor,
    from_staff_id: int,
    to_staff_id: int,
    store_ids: Collection[int] | None = None,
    now: datetime,
) -> int:
    """Let one member of staff look after everybody whom another one looks after, and return how many people that are.

    Records that were merged into others go along uncounted, so that a merge that is undone later does not bring back who
    has left.

    Args:
        actor: who hands over.
        from_staff_id: who looks after them.
        to_staff_id: who does so from now on.
        store_ids: only customers of these stores, and those of no store; None for everybody.
        now: aware UTC.

    Whether the actor may change both people has been looked at by who calls.

    Raises:
        NotAllowed: the actor does not manage staff.
    """
    actor.require("staff.manage")
    theirs = Customer.objects.filter(owner_id=from_staff_id)
    if store_ids is not None:
        theirs = theirs.filter(Q(store=None) | Q(store_id__in=store_ids))
    moved = theirs.filter(merged_into=None).update(owner_id=to_staff_id)
    if moved + theirs.update(owner_id=to_staff_id):
        touch_people(now=now)
    audit(
        actor=actor,
        action="customers.handed_over",
        subject_type="staff",
        subject_id=from_staff_id,
        detail={"to": to_staff_id, "customers": moved},
        now=now,
    )
    return moved
