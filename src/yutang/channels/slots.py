"""Periods of the platform's own quota. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from yutang.channels.policy import GROUP_CHANNEL, Policy

#: WeCom counts days by the clock of its home.
_PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Slot:
    """One period of the platform's quota.

    Attributes:
        name: ``wecom:day:2026-03-11``, or ``group:month:2026-03-01``.
        most: messages that one receiver gets in it. Count.
        ends_at: when the next one begins. Aware UTC.
    """

    name: str
    most: int
    ends_at: datetime


def slot_at(*, channel: str, policy: Policy, moment: datetime) -> Slot | None:
    """Return the period of the quota in which an instant lies; None where the platform of the channel has none."""
    if channel == "wecom":
        period, most = policy.wecom_person_period, policy.wecom_person_most
    elif channel == GROUP_CHANNEL:
        period, most = policy.wecom_group_period, policy.wecom_group_most
    else:
        return None
    today = moment.astimezone(_PLATFORM_ZONE).date()
    if period == "month":
        days = calendar.monthrange(today.year, today.month)[1]
        first = today.replace(day=1)
        return Slot(f"{channel}:{period}:{first}", min(most, days), _midnight(first + timedelta(days=days)))
    first, days = (today, 1) if period == "day" else (today - timedelta(days=today.weekday()), 7)
    return Slot(f"{channel}:{period}:{first}", most, _midnight(first + timedelta(days=days)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=_PLATFORM_ZONE).astimezone(UTC)
