"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.journeys.models import Enrolment, Invitation
from yutang.kit.text import N_


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people out of playbooks, with what was done for them there."""
    actor.require("customers.merge")
    with journal.marked_transaction():
        people = list(customer_ids)
        gone = Invitation.objects.filter(customer_id__in=people).delete()[0]
        return gone + Enrolment.objects.filter(customer_id__in=people).delete()[0]


ERASERS.register(
    Eraser(
        room="journeys",
        title=N_("Playbooks"),
        columns=(
            "journeys_enrolment.customer_id",
            "journeys_invitation.customer_id",
        ),
        forget=forget_people,
    )
)
