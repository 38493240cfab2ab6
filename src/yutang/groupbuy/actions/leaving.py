"""Leaving a group before it fills: the money goes back, the place is free, and a captain's place passes to who came next."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.groupbuy import neighbours
from yutang.groupbuy.actions.freeing import locked_groups
from yutang.groupbuy.events import SeatLeft
from yutang.groupbuy.finding import payment_key, seat_by_token
from yutang.groupbuy.marking import mark_groups, mark_seats
from yutang.groupbuy.models import Group, GroupState, Seat, SeatState
from yutang.groupbuy.refusals import SeatCannotBeLeft
from yutang.payments.actions import Back, refund_many
from yutang.payments.actions import close as close_payment
from yutang.payments.queries import payments_of_keys

REASON = "left_group"


@transaction.atomic
def leave_group(*, actor: Actor, token: str, now: datetime) -> bool:
    """Give a place up, and return whether money goes back.

    Args:
        actor: needs ``groupbuy.join``.
        token: of the seat.
        now: when. Aware UTC.

    Raises:
        NoSuchSeat: there is none.
        SeatCannotBeLeft: the group filled or is over, or the place was given up before.
    """
    actor.require("groupbuy.join")
    seat = seat_by_token(token)
    group = locked_groups([seat.group_id])[seat.group_id]
    seat.refresh_from_db(fields=["state"])
    if group.state != GroupState.OPEN or seat.state not in {SeatState.HELD, SeatState.PAID}:
        raise SeatCannotBeLeft
    was_paid = seat.state == SeatState.PAID
    Seat.objects.filter(pk=seat.pk).update(state=SeatState.LEFT, ended_at=now)
    Group.objects.filter(pk=group.pk).update(
        taken=F("taken") - 1,
        paid=F("paid") - int(was_paid),
        regulars=F("regulars") - int(not seat.is_newcomer),
    )
    mark_seats([seat.joined_date], now=now)
    if was_paid:
        mark_groups([group.started_date], now=now)
    _settle_money(seat, was_paid=was_paid, now=now)
    outbox.record(SeatLeft(seat.pk, group.pk, seat.campaign_id, seat.customer_id or 0, was_paid), now=now)
    return was_paid


def _settle_money(seat: Seat, *, was_paid: bool, now: datetime) -> None:
    system, key = Actor.system(), payment_key(seat.pk)
    if was_paid:
        refund_many(actor=system, wanted=[Back(f"{key}:left", key, None, REASON)], now=now)
        neighbours.NEIGHBOURS.outcomes([f"groupbuy:{seat.key}"], "refunded", now)
        return
    payment = payments_of_keys(keys=[key]).get(key)
    if payment is not None:
        close_payment(actor=system, payment_id=payment.id, now=now)
