"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.channels import tasks
from yutang.foundation import jobs

_MINUTE = timedelta(minutes=1)

jobs.every(_MINUTE, tasks.run_campaigns, name="run_campaigns", needed=tasks.has_campaigns_to_run)
jobs.every(_MINUTE, tasks.deliver_messages, name="deliver_messages", needed=tasks.has_due_messages)
jobs.every(_MINUTE, tasks.follow_deliveries, name="follow_deliveries", needed=tasks.has_open_deliveries)
jobs.daily(4, tasks.forget_receipts, name="forget_receipts", needed=tasks.has_strays)
