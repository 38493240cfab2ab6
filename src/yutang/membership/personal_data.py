"""How the room forgets a person."""

from __future__ import annotations

from yutang.customers.erasing import ERASERS, Eraser
from yutang.kit.text import N_
from yutang.membership.actions import forget_people

ERASERS.register(
    Eraser(
        room="membership",
        title=N_("Prepaid balances"),
        columns=(
            "membership_wallet.customer_id",
            "membership_movement.customer_id",
            "membership_topuporder.customer_id",
        ),
        forget=forget_people,
        kept=N_("The entries of the ledger stay for the books, without the person."),
        may_refuse=True,
    )
)
