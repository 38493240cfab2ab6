"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.groupbuy.tasks import follow_groups, has_groups_to_follow

jobs.every(timedelta(minutes=1), follow_groups, name="follow_groups", needed=has_groups_to_follow)
