"""What the lake must read again of group-buying: the months in which groups were started, and seats taken, that changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from yutang.ingest import journal


def mark_groups(days: Iterable[date], *, now: datetime) -> None:
    """Mark the months of groups that were started on these days as changed, in the transaction of the change."""
    journal.touch_days("groupbuy_group", days, now=now)


def mark_seats(days: Iterable[date], *, now: datetime) -> None:
    """Mark the months of seats that were taken on these days as changed, in the transaction of the change."""
    journal.touch_days("groupbuy_seat", days, now=now)
