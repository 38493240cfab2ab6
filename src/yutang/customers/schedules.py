"""Periodic work of the room."""

from __future__ import annotations

from yutang.customers.tasks import expire_tags
from yutang.foundation import jobs

jobs.daily(4, expire_tags, name="expire_tags")
