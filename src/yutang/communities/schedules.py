"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.communities.tasks import (
    has_groups,
    has_held_places,
    judge_groups_nightly,
    read_group_statistics,
    settle_group_places,
)
from yutang.foundation import jobs

jobs.daily(5, read_group_statistics, name="read_group_statistics", needed=has_groups)
jobs.daily(5, judge_groups_nightly, name="judge_groups", minute=30, needed=has_groups)
jobs.every(timedelta(hours=1), settle_group_places, name="settle_group_places", needed=has_held_places)
