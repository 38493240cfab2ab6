"""Another way for whom the first did not reach: the policy is asked again, as about any message."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from yutang.channels.actions.claims import MOST_AT_ONCE, plan_many
from yutang.channels.actions.touches import Message
from yutang.channels.models import OTHER_WAY, Campaign, CampaignState, Delivery, DeliveryState
from yutang.foundation.access import Actor

#: Ends after which another way makes sense; who said no is refused there too, by the policy.
_NOT_REACHED = (DeliveryState.NOT_A_FRIEND, DeliveryState.QUOTA_REFUSED, DeliveryState.FAILED)


def fall_back_round(*, now: datetime) -> int:
    """Plan messages by the other way for some whom the first did not reach, and return how many were asked about.

    In one transaction with the mark that they were asked about; the keys exist once, so that nobody is asked twice.
    """
    ways = _ways()
    with transaction.atomic():
        rows = _left(ways).select_for_update(of=("self",)).select_related("touch").order_by("pk")[:MOST_AT_ONCE]
        touches = [one.touch for one in rows]
        messages = [
            Message(
                key=f"{touch.key}{OTHER_WAY}{ways[touch.campaign]}",
                channel=ways[touch.campaign],
                intent=touch.intent,
                customer_id=touch.customer_id,
                campaign=touch.campaign,
                content=touch.content,
                latest=touch.latest,
                expected_minor=touch.expected_minor,
            )
            for touch in touches
            if touch.channel != ways[touch.campaign] and OTHER_WAY not in touch.key
        ]
        plan_many(actor=Actor.system(), messages=messages, now=now)
        Delivery.objects.filter(pk__in=[one.pk for one in touches]).update(fell_back=True)
    return len(touches)


def has_someone_left() -> bool:
    """Return whether the other way of a campaign is to be asked about for anybody."""
    return _left(_ways()).exists()


def _ways() -> dict[str, str]:
    running = Campaign.objects.filter(state=CampaignState.RUNNING).exclude(fallback="").order_by()
    return dict(running.values_list("key", "fallback"))


def _left(ways: dict[str, str]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        state__in=_NOT_REACHED, fell_back=False, touch__campaign__in=list(ways), touch__customer__isnull=False
    )
