"""How the room forgets a person."""

from __future__ import annotations

from yutang.customers.erasing import ERASERS, Eraser
from yutang.economics.actions import forget_people
from yutang.kit.text import N_

ERASERS.register(
    Eraser(
        room="economics",
        title=N_("Economics of programmes"),
        columns=(
            "economics_entry.customer_id",
            "economics_newcomer.customer_id",
        ),
        forget=forget_people,
        kept=N_("What was spent and earned stays counted, without the person."),
    )
)
