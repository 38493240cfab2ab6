"""How the room forgets a person."""

from __future__ import annotations

from yutang.customers.erasing import ERASERS, Eraser
from yutang.groupbuy.actions import forget_people
from yutang.kit.text import N_

ERASERS.register(
    Eraser(
        room="groupbuy",
        title=N_("Places in buying groups"),
        columns=("groupbuy_seat.customer_id",),
        forget=forget_people,
        kept=N_(
            "Places and their payments stay for the books, without the person: the law wants records of trade kept for years."
        ),
    )
)
