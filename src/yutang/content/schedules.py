"""Periodic work of the room."""

from __future__ import annotations

from datetime import timedelta

from yutang.content.tasks import needs_renewal, renew_media
from yutang.foundation import jobs

jobs.every(timedelta(hours=1), renew_media, name="renew_media", needed=needs_renewal)
