"""What WeCom knows of newcomers, for the room of economics: who can be reached, and what became of those who came by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q

from yutang.economics.methods.verdicts import AT_ONCE_HOURS, KEPT_DAYS, Organic
from yutang.economics.queries import newcomers_of_programmes
from yutang.economics.registries import KEEPING, ORGANIC, KeepingReader, OrganicReader
from yutang.orders.models import Order
from yutang.orders.queries import NOT_A_SALE
from yutang.wecom.models import Friendship, GroupMember, Standing

#: Organic newcomers of so many days are looked at, and fewer of them tell nothing.
_DAYS, _LEAST = 180, 50
_KEPT, _AT_ONCE = timedelta(days=KEPT_DAYS), timedelta(hours=AT_ONCE_HOURS)
#: People of one statement.
_PART = 5_000


def reachable(customer_ids: Sequence[int], joined: Sequence[datetime], now: datetime) -> Mapping[int, bool]:
    """Return whether people are friends of somebody or in a living group; who was never seen in WeCom is missing."""
    found: dict[int, bool] = {}
    for start in range(0, len(customer_ids), _PART):
        some = list(customer_ids[start : start + _PART])
        friends = Friendship.objects.filter(contact__customer_id__in=some).order_by()
        for person, standing in friends.values_list("contact__customer_id", "standing"):
            if person is not None:
                found[person] = found.get(person, False) or standing == Standing.FRIENDS
        seats = GroupMember.objects.filter(contact__customer_id__in=some).order_by()
        for person, left_at, dismissed_at in seats.values_list(
            "contact__customer_id", "left_at", "group__dismissed_at"
        ):
            if person is not None:
                found[person] = found.get(person, False) or (left_at is None and dismissed_at is None)
    return found


def organic_friends(now: datetime) -> Organic | None:
    """Return what became of friends who came without a programme and whose days of keeping are over; None where they are too few."""
    bought = Order.objects.filter(
        customer_id=OuterRef("contact__customer_id"),
        placed_at__gte=OuterRef("added_at"),
        placed_at__lte=ExpressionWrapper(OuterRef("added_at") + _KEPT, output_field=DateTimeField()),
    ).exclude(status__in=NOT_A_SALE)
    rows = Friendship.objects.filter(
        added_at__gte=now - timedelta(days=_DAYS), added_at__lt=now - _KEPT, contact__customer__isnull=False
    ).exclude(contact__customer_id__in=newcomers_of_programmes())
    counted = rows.annotate(has_bought=Exists(bought)).aggregate(
        newcomers=Count("pk"),
        kept=Count("pk", filter=Q(ended_at=None) | Q(ended_at__gt=F("added_at") + _KEPT)),
        left_at_once=Count("pk", filter=Q(ended_at__lte=F("added_at") + _AT_ONCE)),
        ordered=Count("pk", filter=Q(has_bought=True)),
    )
    return Organic(**counted) if counted["newcomers"] >= _LEAST else None


KEEPING.register(KeepingReader("wecom", reachable))
ORGANIC.register(OrganicReader("wecom", organic_friends))
