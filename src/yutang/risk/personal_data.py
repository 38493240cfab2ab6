"""How the room forgets a person."""

from __future__ import annotations

from yutang.customers.erasing import ERASERS, Eraser
from yutang.kit.text import N_
from yutang.risk.actions import forget_people

ERASERS.register(
    Eraser(
        room="risk",
        title=N_("Guard"),
        columns=(
            "risk_decision.customer_id",
            "risk_trace.customer_id",
            "risk_trace.inviter_id",
            "risk_tie.customer_id",
            "risk_invitation.inviter_id",
            "risk_invitation.invitee_id",
            "risk_standing.customer_id",
            "risk_listentry.customer_id",
            "risk_appeal.sealed_words",
        ),
        forget=forget_people,
        kept=N_("What was decided stays counted, without the person."),
    )
)
