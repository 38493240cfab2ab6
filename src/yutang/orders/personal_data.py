"""How the room forgets a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yutang.customers.erasing import ERASERS, Eraser
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_
from yutang.orders.models import Order, Refund


def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off their orders and refunds; what was bought and paid stays."""
    actor.require("customers.merge")
    people, forgotten = list(customer_ids), 0
    with journal.marked_transaction():
        for model in (Order, Refund):
            rows = model._default_manager.filter(customer_id__in=people).order_by()
            keys = list(rows.values_list("pk", flat=True))
            table = model._meta.db_table
            days = set(model._default_manager.filter(pk__in=keys).order_by().values_list("business_date", flat=True))
            journal.touch_days(table, days, now=now)
            # What was remembered before an import would name the person again where that is undone.
            journal.forget_images(table, keys)
            journal.forget_images_of(table, people)
            forgotten += model._default_manager.filter(pk__in=keys).update(customer=None)
    return forgotten


ERASERS.register(
    Eraser(
        room="orders",
        title=N_("Orders"),
        columns=(
            "orders_order.customer_id",
            "orders_refund.customer_id",
        ),
        forget=forget_people,
        kept=N_(
            "Orders and refunds stay for the books, without the person: the law wants records of trade kept for years."
        ),
    )
)
