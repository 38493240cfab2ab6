"""What the room does when it hears that friends added somebody, redeemed something in a store, or ordered."""

from __future__ import annotations

from datetime import datetime

from yutang.coupons.events import Redeemed
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.outbox import handles
from yutang.ingest.events import ImportFinished
from yutang.kit.errors import DomainError
from yutang.referral.actions import accept_by_mark, follow_guard, note_deed
from yutang.referral.asking_risk import programme_in
from yutang.referral.meanwhile import deeds_meanwhile
from yutang.referral.tasks import follow_friends, has_friends_to_follow
from yutang.risk.events import Settled
from yutang.visits.events import Came
from yutang.wecom.events import FriendsAdded
from yutang.wecom.queries import facts_of_friendships


@handles(FriendsAdded)
def follow_new_friends(event: FriendsAdded, *, event_id: int, now: datetime) -> None:
    """Take invitations whose mark came with a friend, then note who added somebody."""
    for fact in facts_of_friendships(friendship_ids=event.friendship_ids):
        _take_by_mark(str(fact.facts["state"]), fact.customer_id, now)
    note_deed(actor=Actor.system(), customer_ids=event.customer_ids, deed="added", now=now)


@handles(Redeemed)
def follow_a_redemption(event: Redeemed, *, event_id: int, now: datetime) -> None:
    """Whoever redeems a coupon in a store is there."""
    if event.store_id:
        note_deed(actor=Actor.system(), customer_ids=[event.customer_id], deed="visited", now=now)


@handles(Came)
def follow_a_visit(event: Came, *, event_id: int, now: datetime) -> None:
    """Whoever is checked in is there."""
    if event.customer_id:
        note_deed(actor=Actor.system(), customer_ids=[event.customer_id], deed="visited", now=now)


@handles(ImportFinished)
def follow_new_orders(event: ImportFinished, *, event_id: int, now: datetime) -> None:
    """Ask for the orders of friends to be followed."""
    if has_friends_to_follow() and not jobs.is_waiting(follow_friends, by=now):
        jobs.enqueue(follow_friends, {}, now=now)


@handles(Settled)
def follow_what_the_guard_settled(event: Settled, *, event_id: int, now: datetime) -> None:
    """Let an invitation count, or refuse it, as somebody decided at the guard; then look for what the friend did while it was held."""
    programme_id = programme_in(event.programme) if event.kind == "referral" else None
    if programme_id is None or not event.customer_id:
        return
    system, friend_id = Actor.system(), event.customer_id
    freed = follow_guard(
        actor=system, programme_id=programme_id, friend_id=friend_id, is_let_through=event.is_let_through, now=now
    )
    if freed is not None and event.is_let_through:
        for deed in deeds_meanwhile(invitation_id=freed):
            note_deed(actor=system, customer_ids=[friend_id], deed=deed, now=now)


def _take_by_mark(mark: str, friend_id: int, now: datetime) -> None:
    """Take an invitation by its mark; what is no mark, or no newcomer, is somebody who added staff like anybody."""
    if mark.startswith("r"):
        try:
            accept_by_mark(actor=Actor.system(), mark=mark, friend_id=friend_id, now=now)
        except DomainError:
            return
