"""How the room forgets a person."""

from __future__ import annotations

from yutang.coupons.actions import forget_people
from yutang.customers.erasing import ERASERS, Eraser
from yutang.kit.text import N_

ERASERS.register(
    Eraser(
        room="coupons",
        title=N_("Coupons"),
        columns=(
            "coupons_coupon.customer_id",
            "coupons_coupon.sealed_code",
        ),
        forget=forget_people,
        kept=N_("What coupons cost and brought stays for the books, without the person."),
    )
)
