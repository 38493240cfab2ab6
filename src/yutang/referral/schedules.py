"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.foundation import jobs
from yutang.referral.tasks import follow_friends, has_friends_to_follow

jobs.every(timedelta(hours=1), follow_friends, name="follow_friends", needed=has_friends_to_follow)
