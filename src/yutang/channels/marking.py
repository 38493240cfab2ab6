"""Telling the lake which months of messages changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from yutang.ingest import journal


def mark_days(days: Iterable[object], *, now: datetime) -> None:
    """Mark the months of touches as changed, for the lake."""
    journal.touch("channels_touch", {str(day)[:7] for day in days}, now=now)
