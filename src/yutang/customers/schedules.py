"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.customers.tasks import bring_what_came_late, expire_tags, has_recent_merges
from yutang.foundation import jobs

jobs.daily(4, expire_tags, name="expire_tags")
jobs.every(timedelta(minutes=15), bring_what_came_late, name="bring_what_came_late", needed=has_recent_merges)
