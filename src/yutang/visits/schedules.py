"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.visits.tasks import follow_visits, has_visits_to_follow

jobs.every(timedelta(minutes=15), follow_visits, name="follow_visits", needed=has_visits_to_follow)
