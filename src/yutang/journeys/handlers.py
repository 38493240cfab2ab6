"""What the room does when it hears of anything that names a person, and of new scores."""

from __future__ import annotations

from datetime import datetime

from yutang.foundation.announced import ANNOUNCED
from yutang.foundation.outbox import handles
from yutang.insight.events import CustomersScored
from yutang.journeys.hearing import hear_event, hear_orders

for _told in ANNOUNCED:
    if _told.people:
        handles(_told.event)(hear_event)


@handles(CustomersScored)
def follow_new_scores(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """See who has ordered: who waited for that goes on, who was to be brought to it is there."""
    hear_orders(now=now)
