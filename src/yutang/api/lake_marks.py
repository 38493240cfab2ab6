"""What the lake must read again of events: the months in which new ones lie, found now and then and not at each event.

Marking at each event would double what taking one in writes; a mark by its key, with an overlap, finds the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from yutang.api.models import Behaviour, LakeMark
from yutang.ingest import journal
from yutang.lake.partitions import UNDATED

TABLE = "api_behaviour"
#: Keys below the mark that are looked at again: a transaction that commits late has a lower key than one that was faster.
_OVERLAP = 10_000


def mark_new_events(*, now: datetime) -> int:
    """Mark the months of events that came since the last time, and return how many months those are."""
    with transaction.atomic():
        newest = Behaviour.objects.aggregate(newest=Max("pk"))["newest"] or 0
        mark, _ = LakeMark.objects.get_or_create(table=TABLE)
        if newest <= mark.event_id:
            return 0
        fresh = Behaviour.objects.filter(pk__gt=mark.event_id - _OVERLAP).order_by()
        months = touch_days(fresh.values_list("business_date").distinct(), now=now)
        LakeMark.objects.filter(pk=TABLE).update(event_id=newest)
    return months


def has_new_events() -> bool:
    """Return whether events came since the lake was told to read."""
    newest = Behaviour.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return newest > (LakeMark.objects.filter(pk=TABLE).values_list("event_id", flat=True).first() or 0)


def months_of_new_events() -> frozenset[str]:
    """Return the months of events that came since the lake was told to read."""
    mark = LakeMark.objects.filter(pk=TABLE).values_list("event_id", flat=True).first() or 0
    days = Behaviour.objects.filter(pk__gt=max(mark - _OVERLAP, 0)).order_by().values_list("business_date").distinct()
    return frozenset(_months(days))


def _months(rows: Iterable[Sequence[Any]]) -> set[str]:
    return {str(day)[:7] if day is not None else UNDATED for day, *_ in rows}


def touch_days(rows: Iterable[Sequence[Any]], *, now: datetime) -> int:
    """Mark the months of days, each the first value of a row, as changed; return how many months those are."""
    months = _months(rows)
    journal.touch(TABLE, months, now=now)
    return len(months)
