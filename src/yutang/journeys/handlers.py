"""What the room does when it hears of anything that names a person, of new scores, of payments of top-ups, and of who is to be led."""

from __future__ import annotations

from datetime import datetime

from yutang.channels.events import GroupStandingChanged, ReplyReceived
from yutang.channels.queries import words_of_reply
from yutang.codes.events import Joined
from yutang.foundation.outbox import handles
from yutang.insight.events import CustomersScored
from yutang.journeys.hearing import hear_event, hear_groups, hear_orders, hear_standing, hear_words
from yutang.journeys.occurrences import occurrences
from yutang.journeys.paying_top_ups import end_unpaid, top_up_paid
from yutang.journeys.tasks import ask_to_lead
from yutang.payments.events import Failed, Paid
from yutang.referral.events import FriendCame
from yutang.wecom.events import GroupsFound, WordsWritten
from yutang.wecom.queries import words_of_callbacks

for _told in occurrences():
    handles(_told.event)(hear_event)


@handles(GroupsFound)
def follow_new_groups(event: GroupsFound, *, event_id: int, now: datetime) -> None:
    """Let new groups into playbooks that wait for them."""
    hear_groups(group_ids=event.group_ids, event_id=event_id, now=now)


@handles(WordsWritten)
def follow_words(event: WordsWritten, *, event_id: int, now: datetime) -> None:
    """Hear what customers wrote in WeCom."""
    words = words_of_callbacks(callback_ids=event.callback_ids)
    for callback_id, person in zip(event.callback_ids, event.customer_ids, strict=True):
        if callback_id in words:
            hear_words(customer_id=person, text=words[callback_id], occasion=f"wecom:{callback_id}", now=now)


@handles(GroupStandingChanged)
def follow_standings(event: GroupStandingChanged, *, event_id: int, now: datetime) -> None:
    """Let a group into playbooks that wait for how it stands now."""
    hear_standing(group_key=event.group_key, standing=event.standing, event_id=event_id, now=now)


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


@handles(Paid)
def follow_payments(event: Paid, *, event_id: int, now: datetime) -> None:
    """Top up the balance that was paid for."""
    top_up_paid(purpose=event.purpose, amount_minor=event.amount_minor, now=now)


@handles(Failed)
def follow_payments_given_up(event: Failed, *, event_id: int, now: datetime) -> None:
    """End the top-up that was not paid."""
    end_unpaid(purpose=event.purpose, now=now)


@handles(Joined)
def follow_newcomers_of_codes(event: Joined, *, event_id: int, now: datetime) -> None:
    """Let a worker lead who came by a channel code into a group."""
    ask_to_lead(now=now)


@handles(FriendCame)
def follow_invited_friends(event: FriendCame, *, event_id: int, now: datetime) -> None:
    """Let a worker lead an invited friend into a group."""
    ask_to_lead(now=now)
