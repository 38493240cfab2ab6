"""When a wait is over, and when a schedule comes round. Pure; in the zone that the caller gives."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from yutang.journeys.definition import WaitForStep, WaitStep, WaitUntilStep
from yutang.journeys.parts import WEEKDAYS
from yutang.journeys.trigger_kinds import ScheduleTrigger


def over_at(*, step: WaitStep | WaitUntilStep | WaitForStep, since: datetime, zone: tzinfo) -> datetime:
    """Return when a wait that begins at an instant is over at the latest. Aware UTC."""
    if isinstance(step, WaitStep):
        return since + timedelta(days=step.days, hours=step.hours, minutes=step.minutes)
    if isinstance(step, WaitForStep):
        return since + timedelta(days=step.at_most_days)
    here = since.astimezone(zone)
    ahead = 0 if step.weekday is None else (WEEKDAYS.index(step.weekday) - here.weekday()) % 7
    found = _at(here.date() + timedelta(days=ahead), step.time, zone)
    if found >= since:
        return found
    return _at(here.date() + timedelta(days=ahead + (1 if step.weekday is None else 7)), step.time, zone)


def times_between(*, trigger: ScheduleTrigger, after: datetime, until: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """Return when a schedule comes round after one instant up to another, that one included. Aware UTC."""
    day, last = after.astimezone(zone).date(), until.astimezone(zone).date()
    found = []
    while day <= last:
        if _is_day(trigger, day) and after < (moment := _at(day, trigger.time, zone)) <= until:
            found.append(moment)
        day += timedelta(days=1)
    return tuple(found)


def _is_day(trigger: ScheduleTrigger, day: date) -> bool:
    if trigger.every == "day":
        return True
    if trigger.every == "week":
        return day.weekday() == WEEKDAYS.index(trigger.weekday)
    return day.day == min(trigger.day, calendar.monthrange(day.year, day.month)[1])


def _at(day: date, clock: str, zone: tzinfo) -> datetime:
    hours, minutes = clock.split(":")
    return datetime.combine(day, time(int(hours), int(minutes)), tzinfo=zone).astimezone(UTC)
