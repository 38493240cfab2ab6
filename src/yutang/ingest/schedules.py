"""Periodic work of the room."""

from __future__ import annotations

from yutang.foundation import jobs
from yutang.ingest.kept_files import drop_kept_files

jobs.daily(3, drop_kept_files, name="drop_kept_files", minute=30)
