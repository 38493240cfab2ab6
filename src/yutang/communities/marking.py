"""What the lake must read again of groups: who is in which, with what is known of it; see `follows` in `lake_tables`."""

from __future__ import annotations

from datetime import datetime

from yutang.ingest import journal
from yutang.lake.partitions import WHOLE


def mark_members(*, now: datetime) -> None:
    """Mark the table of members as changed because store, purpose or life of a group did, in the transaction of the change."""
    journal.touch("communities_member", [WHOLE], now=now)
