"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_
from yutang.worklist.models import Proposal


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take tasks about people off the lists."""
    actor.require("customers.merge")
    with journal.marked_transaction():
        return Proposal.objects.filter(customer_id__in=list(customer_ids)).delete()[0]


ERASERS.register(
    Eraser(
        room="worklist",
        title=N_("Tasks"),
        columns=("worklist_proposal.customer_id",),
        forget=forget_people,
    )
)
