"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.economics.tasks import is_something_due, watch_programmes
from yutang.foundation import jobs

jobs.every(timedelta(minutes=10), watch_programmes, name="watch_programmes", needed=is_something_due)
