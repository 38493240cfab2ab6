"""Periodic work of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.insight.tasks import follow_orders, refit_values

#: Before everything that stands on them: pace and spend of customers drift with the seasons.
jobs.daily(4, refit_values, name="refit_values", minute=30)

#: Silence grows without any import: every morning scores and today's list are made anew.
jobs.daily(5, follow_orders, name="follow_orders")
