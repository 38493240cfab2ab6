"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.channels.marking import mark_days
from yutang.channels.models import Decision, DeliveryStep, Grievance, QuotaUse, Reply, Touch
from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Delete messages to people, what was decided about them, and what they answered."""
    actor.require("channels.send")
    people, forgotten = list(customer_ids), 0
    with journal.marked_transaction():
        touches = Touch.objects.filter(customer_id__in=people)
        mark_days(set(touches.order_by().values_list("business_date", flat=True)), now=now)
        DeliveryStep.objects.filter(touch__in=touches).delete()
        for rows in (Decision, QuotaUse, Grievance, Reply):
            forgotten += rows._default_manager.filter(customer_id__in=people).delete()[0]
        return forgotten + touches.delete()[0]


ERASERS.register(
    Eraser(
        room="channels",
        title=N_("Messages"),
        columns=(
            "channels_touch.customer_id",
            "channels_decision.customer_id",
            "channels_quotause.customer_id",
            "channels_grievance.customer_id",
            "channels_reply.customer_id",
            "channels_reply.sealed_text",
        ),
        forget=forget_people,
        kept=N_("Addresses that want no more messages stay as keyed hashes, so that this is honoured."),
    )
)
