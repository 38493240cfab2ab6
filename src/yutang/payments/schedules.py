"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.payments.tasks import follow_open_payments, give_back, has_open_payments, has_open_refunds

jobs.every(timedelta(minutes=2), follow_open_payments, name="follow_open_payments", needed=has_open_payments)
jobs.every(timedelta(minutes=1), give_back, name="give_back", needed=has_open_refunds)
