"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.codes.models import Newcomer
from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off the codes by which they came."""
    actor.require("codes.change")
    with journal.marked_transaction():
        rows = Newcomer.objects.filter(customer_id__in=list(customer_ids))
        journal.touch_days(Newcomer._meta.db_table, set(rows.order_by().values_list("added_date", flat=True)), now=now)
        return rows.update(customer=None)


ERASERS.register(
    Eraser(
        room="codes",
        title=N_("Channel codes"),
        columns=("codes_newcomer.customer_id",),
        forget=forget_people,
        kept=N_("How many came by a code stays counted, without the person."),
    )
)
