"""Periodic work of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.insight.tasks import follow_orders

#: Silence grows without any import: every morning scores and today's list are made anew.
jobs.daily(5, follow_orders, name="follow_orders")
