"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.journeys.tasks import drop_stale_tasks, is_any_running, lead_newcomers, leads_anybody, run_playbooks

jobs.every(timedelta(minutes=1), run_playbooks, name="run_playbooks", needed=is_any_running)
jobs.every(timedelta(minutes=15), lead_newcomers, name="lead_newcomers", needed=leads_anybody)
jobs.daily(6, drop_stale_tasks, name="drop_stale_tasks")
