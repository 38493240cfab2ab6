"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.webhooks.tasks import deliver_webhooks, forget_webhooks, has_due_webhooks, has_messages

jobs.every(timedelta(minutes=1), deliver_webhooks, name="deliver_webhooks", needed=has_due_webhooks)
jobs.daily(4, forget_webhooks, name="forget_webhooks", needed=has_messages)
