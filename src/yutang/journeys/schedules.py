"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.journeys.tasks import drop_stale_tasks, is_any_running, run_playbooks

jobs.every(timedelta(minutes=1), run_playbooks, name="run_playbooks", needed=is_any_running)
jobs.daily(6, drop_stale_tasks, name="drop_stale_tasks")
