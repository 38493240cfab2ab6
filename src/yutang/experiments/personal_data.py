"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.customers.erasing import ERASERS, Eraser
from yutang.experiments.models import Assignment, GroupMember
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people out of experiments: whom nobody can follow any more is in no comparison."""
    actor.require("customers.merge")
    with journal.marked_transaction():
        gone = 0
        for model in (GroupMember, Assignment):
            rows = model._default_manager.filter(customer_id__in=list(customer_ids)).order_by()
            days = set(rows.values_list("assigned_date", flat=True))
            if days:
                journal.touch_days(model._meta.db_table, days, now=now)
            gone += rows.delete()[0]
        return gone


ERASERS.register(
    Eraser(
        room="experiments",
        title=N_("Experiments"),
        columns=(
            "experiments_assignment.customer_id",
            "experiments_groupmember.customer_id",
        ),
        forget=forget_people,
    )
)
