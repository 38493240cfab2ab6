"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.coupons.tasks import follow_coupons, has_coupons_to_follow
from yutang.foundation import jobs

jobs.every(timedelta(hours=1), follow_coupons, name="follow_coupons", needed=has_coupons_to_follow)
