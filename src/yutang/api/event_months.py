"""Events by month: kept in parts on PostgreSQL, made ahead, and forgotten by whole months where a setting says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from yutang.api.lake_marks import touch_days
from yutang.api.models import Behaviour
from yutang.foundation import months
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.bulk import fetch

EVENTS = months.MonthlyTable(
    name="api_behaviour", day="business_date", once_by=("source", "event_id"), constraint="behaviour_once"
)


@dataclass(frozen=True)
class EventMonths:
    """How events are kept.

    Attributes:
        by_month: whether the store keeps them in parts.
        ready_until: day after the last month that lies ready; None where they are not kept by month.
        strays: events of no month that there is, at most 1,000. Count.
    """

    by_month: bool
    ready_until: date | None
    strays: int


def event_months() -> EventMonths:
    """Return how events are kept."""
    if not months.is_kept_by_month(EVENTS):
        return EventMonths(by_month=False, ready_until=None, strays=0)
    ends = [part.ends for part in months.parts_of(EVENTS) if part.ends is not None]
    ((strays,),) = fetch(f"SELECT count(*) FROM (SELECT 1 FROM {EVENTS.strays} LIMIT 1000) AS found")
    return EventMonths(by_month=True, ready_until=max(ends, default=None), strays=strays)


def are_kept_by_month() -> bool:
    """Return whether there are parts to be made."""
    return months.is_kept_by_month(EVENTS)


def make_event_months(*, now: datetime) -> list[str]:
    """Make the parts of the months ahead, and of months of which events came late; return the new ones."""
    return months.make_months(EVENTS, today=_today(now)) if are_kept_by_month() else []


def oldest_kept(*, now: datetime) -> date | None:
    """Return the first day whose events are kept: the present month and so many before it; None: all are."""
    kept = int(settings.YUTANG_KEEP_EVENTS_MONTHS)
    return months.months_on(months.month_of(_today(now)), -kept) if kept else None


def has_older_events() -> bool:
    """Return whether a setting says that older events are not kept."""
    return bool(settings.YUTANG_KEEP_EVENTS_MONTHS)


def forget_older_events(*, actor: Actor, now: datetime) -> int:
    """Let go of events of before the months that are kept, some at once, and return how much was done; 0: nothing is left.

    Called until it returns 0. Whole parts go on PostgreSQL, rows elsewhere. Without the setting nothing ever goes.
    """
    before = oldest_kept(now=now)
    if before is None:
        return 0

    def note_part(part: months.Part) -> None:
        days = [day for (day,) in fetch(f"SELECT DISTINCT date_trunc('month', {EVENTS.day})::date FROM {part.name}")]
        ((events,),) = fetch(f"SELECT count(*) FROM {part.name}")
        _note(actor, days, events=events, before=before, now=now)

    if are_kept_by_month() and (gone := months.let_go_of_parts(EVENTS, before=before, told=note_part)):
        return len(gone)
    with transaction.atomic():
        oldest = Behaviour.objects.filter(business_date__lt=before).order_by("pk")[: months.ROWS]
        days = sorted({month for month in oldest.values_list("business_date", flat=True) if month is not None})
        if forgotten := months.forget_rows(EVENTS, before=before):
            _note(actor, days, events=forgotten, before=before, now=now)
            return forgotten
    return months.forget_what_was_known(EVENTS, before=before) if are_kept_by_month() else 0


def _note(actor: Actor, days: list[date], *, events: int, before: date, now: datetime) -> None:
    """Tell the lake and the audit log which months lose events."""
    touch_days([(day,) for day in days], now=now)
    told = sorted({f"{day:%Y-%m}" for day in days})
    audit(
        actor=actor,
        action="events.forget_months",
        subject_type="events",
        detail={"months": told, "events": events, "kept_from": before.isoformat()},
        now=now,
    )


def _today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
