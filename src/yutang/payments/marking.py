"""What the lake must read again of payments: the months in which those were asked for that changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from yutang.ingest import journal


def mark(days: Iterable[date], *, now: datetime) -> None:
    """Mark the months of payments that were asked for on these days as changed, in the transaction of the change."""
    journal.touch_days("payments_payment", days, now=now)
