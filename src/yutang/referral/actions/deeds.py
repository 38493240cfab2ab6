"""Deeds of friends: adding somebody, buying, coming into a store; and orders that were given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.orders.models import Order, OrderStatus
from yutang.referral.actions.rewarding import promise, withhold
from yutang.referral.events import FriendActed
from yutang.referral.finding import touch
from yutang.referral.models import Deed, Invitation, InvitationState, Role

#: Orders of so many are looked at in one run. Count.
_AT_ONCE = 2_000
#: How long an order is looked at after the deed: no return comes later than this. Days.
_WATCHED = timedelta(days=90)
_PAID = (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED)


def note_deed(*, actor: Actor, customer_ids: Sequence[int], deed: str, now: datetime) -> int:
    """Note that people did something, and return for how many of them an invitation waited for it; nothing happens twice.

    Args:
        actor: needs ``referral.change``; the system as a rule.
        customer_ids: who.
        deed: ``added`` or ``visited``; what is bought the orders tell.
        now: when. Aware UTC.
    """
    actor.require("referral.change")
    waiting = Invitation.objects.filter(
        friend_id__in=customer_ids, state=InvitationState.CAME, ends_at__gt=now, programme__deed=deed
    )
    rows = list(waiting.select_related("programme").order_by("id"))
    return sum(_done(row, now, order=None) for row in rows)


def follow_orders(*, actor: Actor, now: datetime) -> int:
    """Find the paid orders by which friends did it, and return how many there were.

    Args:
        actor: needs ``referral.change``; the system as a rule.
        now: aware UTC.
    """
    actor.require("referral.change")
    fitting = Order.objects.filter(
        customer_id=OuterRef("friend_id"),
        placed_at__gte=OuterRef("came_at"),
        placed_at__lt=OuterRef("ends_at"),
        status__in=_PAID,
        total_minor__gte=OuterRef("programme__least_order_fen"),
        refunded_minor=0,
        currency="CNY",
    ).order_by("placed_at", "id")
    waiting = Invitation.objects.filter(state=InvitationState.CAME, programme__deed=Deed.BOUGHT)
    rows = waiting.annotate(found=Subquery(fitting.values("pk")[:1])).filter(found__isnull=False)
    found = list(rows.select_related("programme").order_by("id")[:_AT_ONCE])
    orders = Order.objects.in_bulk([row.found for row in found])
    return sum(_done(row, now, order=orders[row.found]) for row in found)


def reverse_refunded(*, actor: Actor, now: datetime) -> int:
    """Take back what orders brought that were given back or cancelled since, and return how many these were.

    Args:
        actor: needs ``referral.change``; the system as a rule.
        now: aware UTC.
    """
    actor.require("referral.change")
    given_back = Order.objects.filter(
        Q(status__in=(OrderStatus.REFUNDED, OrderStatus.CANCELLED))
        | Q(refunded_minor__gte=F("total_minor"), total_minor__gt=0),
        pk=OuterRef("order_id"),
    )
    done = Invitation.objects.filter(state=InvitationState.DONE, order_id__isnull=False, done_at__gte=now - _WATCHED)
    rows = done.annotate(back=Subquery(given_back.values("pk")[:1])).filter(back__isnull=False)
    reversed_ = 0
    for row in rows.select_related("programme").order_by("id")[:_AT_ONCE]:
        with transaction.atomic():
            if Invitation.objects.filter(pk=row.pk, state=InvitationState.DONE).update(state=InvitationState.REVERSED):
                withhold(row, now=now)
                touch(row.came_date, now=now)
                reversed_ += 1
    return reversed_


@transaction.atomic
def _done(row: Invitation, now: datetime, *, order: Order | None) -> int:
    """Mark a friend's deed, promise what it brings, and return whether nobody else did at the same moment."""
    changed = {"order_id": order.pk, "order_fen": order.total_minor} if order is not None else {}
    there = Invitation.objects.filter(pk=row.pk, state=InvitationState.CAME)
    if not there.update(state=InvitationState.DONE, done_at=now, **changed):
        return 0
    row.refresh_from_db()
    touch(row.came_date, now=now)
    assert row.friend_id is not None
    told = FriendActed(row.pk, row.programme_id, row.friend_id, row.inviter_customer_id or 0, row.programme.deed)
    outbox.record(told, now=now)
    if row.programme.deed == Deed.ADDED:
        promise(row, Role.FRIEND, due_at=now, now=now)
    begun = order.placed_at if order is not None and order.placed_at is not None else now
    wait = timedelta(days=row.programme.return_days) if order is not None else timedelta(0)
    promise(row, Role.INVITER, due_at=begun + wait, now=now)
    return 1
