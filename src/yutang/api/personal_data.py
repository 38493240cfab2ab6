"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.api.lake_marks import touch_days
from yutang.api.models import Behaviour
from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off what was seen of them."""
    actor.require("customers.merge")
    with journal.marked_transaction():
        rows = Behaviour.objects.filter(customer_id__in=list(customer_ids)).order_by()
        days = list(rows.values_list("business_date").distinct())
        if days:
            touch_days(days, now=now)
        return rows.update(customer=None)


ERASERS.register(
    Eraser(
        room="api",
        title=N_("Behaviour"),
        columns=("api_behaviour.customer_id",),
        forget=forget_people,
        kept=N_("What happened stays counted, without the person."),
    )
)
