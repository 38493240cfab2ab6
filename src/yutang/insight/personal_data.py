"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.insight.models import CustomerValue, Score, StageChange
from yutang.kit.text import N_
from yutang.lake.partitions import WHOLE


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Delete what was reckoned of people."""
    actor.require("customers.merge")
    with journal.marked_transaction():
        people = list(customer_ids)
        forgotten = sum(
            rows._default_manager.filter(customer_id__in=people).delete()[0]
            for rows in (Score, CustomerValue, StageChange)
        )
        for table in ("insight_score", "insight_customer_value"):
            journal.touch(table, [WHOLE], now=now)
        return forgotten


ERASERS.register(
    Eraser(
        room="insight",
        title=N_("Scores"),
        columns=(
            "insight_score.customer_id",
            "insight_customervalue.customer_id",
            "insight_stagechange.customer_id",
        ),
        forget=forget_people,
    )
)
