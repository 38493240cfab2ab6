"""Periodic work of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.orders.arrivals import are_kept_by_month
from yutang.orders.keeping import has_end
from yutang.orders.tasks import forget_months_of_orders, make_months_of_orders

jobs.daily(0, make_months_of_orders, name="make_months_of_orders", minute=5, needed=are_kept_by_month)
jobs.daily(4, forget_months_of_orders, name="forget_months_of_orders", minute=50, needed=has_end)
