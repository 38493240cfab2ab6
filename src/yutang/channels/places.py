"""What of the platform's own quota is used, who has none left, and when places come back; read through `queries`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from yutang.channels.models import MassTask, QuotaUse
from yutang.channels.organisation import current_policy
from yutang.channels.policy import GROUP_CHANNEL
from yutang.channels.slots import Slot, slot_at
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.wecom.keys_within import chat_ids_within

#: Receivers that are counted one by one; of more it is only said that they are more.
MOST_COUNTED = 50_000
_CHANNELS = ("wecom", GROUP_CHANNEL)


@dataclass(frozen=True)
class Places:
    """How much of one period of the quota is used.

    Attributes:
        channel: ``wecom`` (customers) or ``group``.
        period: ``day``, ``week`` or ``month``.
        most: messages that one receiver gets in it. Count.
        ends_at: when places come back. Aware UTC.
        receivers: who has used at least one place. Count.
        without: receivers who have none left. Count.
        used: receivers by how many places they have used; empty where they are too many to be told apart.
        is_more: whether there are more receivers than were counted.
    """

    channel: str
    period: str
    most: int
    ends_at: datetime
    receivers: int
    without: int
    used: Mapping[int, int]
    is_more: bool


@dataclass(frozen=True)
class Period:
    """A period of the quota: ``day``, ``week`` or ``month``, messages that one receiver gets in it, and when it ends (aware UTC)."""

    period: str
    most: int
    ends_at: datetime


@dataclass(frozen=True)
class Receiver:
    """A person or a group that has used places of a period; `id` is the place in the list."""

    id: int
    customer_id: int | None
    group_key: str
    used: int


def places_used(*, access: Actor, now: datetime) -> tuple[Places, ...]:
    """Return how much of the present periods is used by receivers within reach, of customers and of groups."""
    access.require("channels.view")
    policy = current_policy()
    slots = [(channel, slot_at(channel=channel, policy=policy, moment=now)) for channel in _CHANNELS]
    return tuple(_places(access, channel, slot) for channel, slot in slots if slot is not None)


def receivers_without_places(
    *, access: Actor, channel: str, after_key: int = 0, limit: int = 50, now: datetime
) -> tuple[Receiver, ...]:
    """Return receivers within reach who have no place left in the present period, by key.

    Args:
        access: who looks.
        channel: ``wecom`` (customers) or ``group``.
        after_key: `id` of the last one seen.
        limit: at most so many.
        now: aware UTC.
    """
    access.require("channels.view")
    slot = slot_at(channel=channel, policy=current_policy(), moment=now)
    if slot is None:
        return ()
    rows = _within(access, channel, slot).filter(used__gte=max(slot.most, 1))
    if channel == GROUP_CHANNEL:
        found = rows.filter(customer=None, pk__gt=after_key).order_by("pk")[:limit]
        return tuple(Receiver(row.pk, None, row.group_key, row.used) for row in found)
    # In the order of the index of the period, so that a page reads a page.
    found = rows.filter(customer_id__gt=after_key).order_by("customer_id")[:limit]
    return tuple(Receiver(row.customer_id or 0, row.customer_id, "", row.used) for row in found)


def present_period(*, access: Actor, channel: str, now: datetime) -> Period | None:
    """Return the present period of the quota of a channel; None where its platform has none."""
    access.require("channels.view")
    slot = slot_at(channel=channel, policy=current_policy(), moment=now)
    return None if slot is None else Period(slot.name.split(":")[1], slot.most, slot.ends_at)


def handed_by_day(*, access: Actor, days: int, now: datetime) -> dict[str, dict[date, int]]:
    """Return how many messages were given to WeCom on each of the last days, by channel, of the whole house.

    Args:
        access: who looks.
        days: how far back, today included. Count, ``>= 1``.
        now: aware UTC.
    """
    access.require("channels.view")
    today = timezone.localdate(now)
    asked = [today - timedelta(days=ago) for ago in range(days - 1, -1, -1)]
    found = {channel: dict.fromkeys(asked, 0) for channel in _CHANNELS}
    since = now - timedelta(days=days)
    tasks = MassTask.objects.filter(handed_at__gte=since).exclude(msgid="").order_by()
    for channel, at, size in tasks.values_list("channel", "handed_at", "size").iterator(chunk_size=5_000):
        day = timezone.localdate(at)
        if day in found.get(channel, {}):
            found[channel][day] += size
    return found


def _places(access: Actor, channel: str, slot: Slot) -> Places:
    # One walk for all three numbers, which ends at the bound.
    rows = _within(access, channel, slot).filter(used__gt=0).order_by()
    used = Counter(rows.values_list("used", flat=True)[:MOST_COUNTED].iterator(chunk_size=20_000))
    is_more = used.total() == MOST_COUNTED
    return Places(
        channel=channel,
        period=slot.name.split(":")[1],
        most=slot.most,
        ends_at=slot.ends_at,
        receivers=used.total(),
        without=sum(count for had, count in used.items() if had >= slot.most),
        used={} if is_more else dict(sorted(used.items())),
        is_more=is_more,
    )


def _within(access: Actor, channel: str, slot: Slot) -> QuerySet[QuotaUse]:
    rows = QuotaUse.objects.filter(slot=slot.name)
    if access.store_ids is None:
        return rows
    if channel == GROUP_CHANNEL:
        return rows.filter(group_key__in=chat_ids_within(store_ids=access.store_ids))
    return rows.filter(customer_id__in=Customer.objects.filter(store_id__in=access.store_ids).values("pk"))


def sms_gateway(*, access: Actor) -> str:
    """Return by whose gateway short messages go: ``aliyun`` or ``tencent``; empty where none is set up."""
    access.require("channels.view")
    return str(settings.YUTANG_SMS["gateway"])
