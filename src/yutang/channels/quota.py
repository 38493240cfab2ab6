"""The platform's own quota as a ledger: places are taken by a conditional update, so that it is never exceeded."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F

from yutang.channels.models import QuotaUse
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


def is_used_up(slot: Slot, *, customer_id: int | None, group_key: str) -> bool:
    """Return whether a receiver has no place left in a period."""
    if slot.most == 0:
        return True
    rows = QuotaUse.objects.filter(customer_id=customer_id, group_key=group_key, slot=slot.name)
    return rows.filter(used__gte=slot.most).exists()


def take_place(slot: Slot, *, customer_id: int | None, group_key: str) -> bool:
    """Take one place of a receiver in a period, and return whether there was one.

    One conditional update: however many workers ask at once, no more get one than there are.
    """
    row = QuotaUse(customer_id=customer_id, group_key=group_key, slot=slot.name)
    QuotaUse.objects.bulk_create([row], ignore_conflicts=True)
    rows = QuotaUse.objects.filter(customer_id=customer_id, group_key=group_key, slot=slot.name)
    return rows.filter(used__lt=slot.most).update(used=F("used") + 1) == 1


def give_place_back(slot_name: str, *, customer_id: int | None, group_key: str) -> None:
    """Give a place back that was taken for a message that did not go out."""
    rows = QuotaUse.objects.filter(customer_id=customer_id, group_key=group_key, slot=slot_name, used__gt=0)
    rows.update(used=F("used") - 1)


def note_use(slot: Slot, *, customer_id: int | None, group_key: str, used: int) -> None:
    """Write down that a receiver has used at least so many places, as the platform tells."""
    row = QuotaUse(customer_id=customer_id, group_key=group_key, slot=slot.name)
    QuotaUse.objects.bulk_create([row], ignore_conflicts=True)
    rows = QuotaUse.objects.filter(customer_id=customer_id, group_key=group_key, slot=slot.name)
    rows.filter(used__lt=used).update(used=used)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=_PLATFORM_ZONE).astimezone(UTC)
