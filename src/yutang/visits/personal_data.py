"""How the room forgets a person."""

from __future__ import annotations

from yutang.customers.erasing import ERASERS, Eraser
from yutang.kit.text import N_
from yutang.visits.actions import forget_people

ERASERS.register(
    Eraser(
        room="visits",
        title=N_("Visits"),
        columns=(
            "visits_hook.customer_id",
            "visits_booking.customer_id",
            "visits_booking.sealed_code",
        ),
        forget=forget_people,
        kept=N_("That somebody came stays counted, without the person."),
    )
)
