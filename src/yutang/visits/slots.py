"""Which times a store offers: its opening hours cut into slots on its own clock. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from yutang.visits.views import Terms

MIDNIGHT = time()


def slot_starts(terms: Terms, day: date, *, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants at which slots of a day begin, in the store's zone, in order and each once.

    A slot lies in its opening hours as a whole. Where a clock is set back or forward, the hours on the wall count: an hour that
    there is not gives no slot.
    """
    if not terms.takes_bookings or day in terms.closed_days:
        return
    step, seen = timedelta(minutes=terms.slot_minutes), set()
    for one in sorted((one for one in terms.hours if one.weekday == day.weekday()), key=lambda each: each.opens):
        at, ends = datetime.combine(day, one.opens), _end(day, one.closes)
        while at + step <= ends:
            start = at.replace(tzinfo=zone)
            is_there = start.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == at
            if is_there and at not in seen:
                seen.add(at)
                yield start
            at += step


def is_in_time(terms: Terms, start: datetime, *, now: datetime) -> bool:
    """Return whether a slot can still, and can already, be booked."""
    zone = start.tzinfo
    last = now.astimezone(zone).date() + timedelta(days=terms.days_ahead)
    return start >= now + timedelta(minutes=terms.lead_minutes) and start.date() <= last


def is_offered(terms: Terms, at: datetime, *, zone: ZoneInfo, now: datetime) -> bool:
    """Return whether an instant is the beginning of a slot that can be booked now."""
    local = at.astimezone(zone)
    return is_in_time(terms, local, now=now) and any(one == at for one in slot_starts(terms, local.date(), zone=zone))


def _end(day: date, closes: time) -> datetime:
    return datetime.combine(day + timedelta(days=1 if closes == MIDNIGHT else 0), closes)
