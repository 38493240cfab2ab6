"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.communities.models import Community, Place
from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off places that were kept for them, and off groups that were named after them."""
    actor.require("customers.merge")
    with journal.marked_transaction():
        people = list(customer_ids)
        Place.objects.filter(inviter_id__in=people).update(inviter=None)
        Community.objects.filter(seed_customer_id__in=people).update(seed_customer=None)
        return Place.objects.filter(customer_id__in=people).delete()[0]


ERASERS.register(
    Eraser(
        room="communities",
        title=N_("Customer groups"),
        columns=(
            "communities_place.customer_id",
            "communities_place.inviter_id",
            "communities_community.seed_customer_id",
        ),
        forget=forget_people,
    )
)
