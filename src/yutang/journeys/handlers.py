"""What the room does when it hears of anything that names a person, and of new scores."""

from __future__ import annotations

from datetime import datetime

from yutang.channels.events import ReplyReceived
from yutang.channels.queries import words_of_reply
from yutang.foundation.announced import ANNOUNCED
from yutang.foundation.outbox import handles
from yutang.insight.events import CustomersScored
from yutang.journeys.hearing import hear_event, hear_orders, hear_words

for _told in ANNOUNCED:
    if _told.people:
        handles(_told.event)(hear_event)


@handles(CustomersScored)
def follow_new_scores(event: CustomersScored, *, event_id: int, now: datetime) -> None:
    """See who has ordered: who waited for that goes on, who was to be brought to it is there."""
    hear_orders(now=now)


@handles(ReplyReceived)
def follow_replies(event: ReplyReceived, *, event_id: int, now: datetime) -> None:
    """Hear what somebody wrote back; a no is the contact policy's, not a playbook's."""
    words = words_of_reply(reply_id=event.reply_id)
    if event.customer_id and words and not event.is_opt_out:
        hear_words(customer_id=event.customer_id, text=words, occasion=f"reply:{event.reply_id}", now=now)
