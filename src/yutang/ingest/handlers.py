"""What the room does when others tell something."""

from __future__ import annotations

from datetime import datetime

from yutang.foundation.events import StoreChanged
from yutang.foundation.outbox import handles
from yutang.ingest import journal
from yutang.lake.partitions import WHOLE


@handles(StoreChanged)
def read_stores_anew(event: StoreChanged, *, event_id: int, now: datetime) -> None:
    """Let the next sync bring the stores into the lake as they are now; doing so twice changes nothing."""
    journal.touch("foundation_store", [WHOLE], now=now)
