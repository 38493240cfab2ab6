"""Tables by month in a store that is made straight from the models, as the migrations leave them."""

from __future__ import annotations

from datetime import date

from django.db import connection


def keep_by_month(*, today: date) -> None:
    """Let PostgreSQL keep events and orders by month, beginning with that of a day; on SQLite nothing is done."""
    if connection.vendor != "postgresql":
        return
    from yutang.api.event_months import EVENTS
    from yutang.foundation import arrival_months, months
    from yutang.orders.arrivals import ORDERS

    months.keep_by_month(EVENTS, today=today)
    arrival_months.keep_by_arrival(ORDERS, today=today)
