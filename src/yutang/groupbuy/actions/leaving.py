"""Leaving a group before it fills: the money goes back, the place is free, and a captain's place passes to who came next.

Whoever leaves last ends the group.

Staff take people out, and give money back for a place in a group that filled: such a group stays filled.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.groupbuy import neighbours
from yutang.groupbuy.actions.freeing import end_empty, locked_groups
from yutang.groupbuy.events import SeatLeft
from yutang.groupbuy.finding import payment_key, seat_by_token, seats_within_reach
from yutang.groupbuy.leading_on import call_off_visits
from yutang.groupbuy.marking import mark_groups, mark_seats
from yutang.groupbuy.models import LIVING, Group, GroupState, Seat, SeatState
from yutang.groupbuy.refusals import NoSuchSeat, ReasonIsMissing, SeatCannotBeLeft, SeatCannotBeTakenOut
from yutang.payments.actions import Back, refund_many
from yutang.payments.actions import close as close_payment
from yutang.payments.queries import payments_of_keys

REASON, RETURNED = "left_group", "returned"
_SHORTEST_REASON, _LONGEST_REASON = 2, 200


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
    group = _locked(seat)
    if group.state != GroupState.OPEN or seat.state not in LIVING:
        raise SeatCannotBeLeft
    return _left(seat, group, now=now)


@transaction.atomic
def take_out(*, actor: Actor, seat_id: int, reason: str, now: datetime) -> bool:
    """Take somebody out of a group at their wish, and return whether money goes back.

    In a group that is filling the place becomes free; a group that filled stays filled, and the place counts as given back.

    Args:
        actor: needs ``groupbuy.change`` and ``payments.refund``, and reaches the place.
        seat_id: whose place.
        reason: why. 2 to 200 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchSeat: there is none within reach.
        ReasonIsMissing: nobody said why.
        SeatCannotBeTakenOut: it was given up before, was not paid, or its money goes back already.
    """
    for needed in ("groupbuy.change", "payments.refund"):
        actor.require(needed)
    seat = seats_within_reach(actor).select_related("campaign").filter(pk=seat_id).first()
    if seat is None:
        raise NoSuchSeat(seat=seat_id)
    if not _SHORTEST_REASON <= len(reason.strip()) <= _LONGEST_REASON:
        raise ReasonIsMissing
    group = _locked(seat)
    if group.state == GroupState.OPEN and seat.state in LIVING:
        is_back = _left(seat, group, now=now)
    elif group.state == GroupState.FILLED and seat.state == SeatState.PAID:
        is_back = _returned(seat, now=now)
    else:
        raise SeatCannotBeTakenOut
    audit(
        actor=actor,
        action="groupbuy.take_out",
        subject_type="buying_group",
        subject_id=group.pk,
        detail={"reason": reason.strip(), "seat": seat.pk},
        now=now,
    )
    return is_back


def _locked(seat: Seat) -> Group:
    """Return the group of a seat, locked, and read the seat anew."""
    group = locked_groups([seat.group_id])[seat.group_id]
    seat.refresh_from_db(fields=["state"])
    return group


def _left(seat: Seat, group: Group, *, now: datetime) -> bool:
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
    end_empty([group.pk], now=now)
    _settle_money(seat, was_paid=was_paid, now=now)
    outbox.record(SeatLeft(seat.pk, group.pk, seat.campaign_id, seat.customer_id or 0, was_paid), now=now)
    return was_paid


def _returned(seat: Seat, *, now: datetime) -> bool:
    """Give the money of a place in a filled group back; its counters stay, for it did fill."""
    Seat.objects.filter(pk=seat.pk).update(state=SeatState.RETURNED, ended_at=now)
    mark_seats([seat.joined_date], now=now)
    call_off_visits([seat], now=now)
    key = payment_key(seat.pk)
    made = refund_many(actor=Actor.system(), wanted=[Back(f"{key}:returned", key, None, RETURNED)], now=now)
    neighbours.NEIGHBOURS.outcomes([f"groupbuy:{seat.key}"], "refunded", now)
    neighbours.NEIGHBOURS.notes(_taken_back(seat), now)
    return bool(made)


def _taken_back(seat: Seat) -> list[neighbours.Note]:
    """Return what the economics of the campaign are told when a place that counted there is given back."""
    programme = neighbours.programme_of(seat.campaign_id)
    told = [neighbours.Note(programme, "back", f"seat:{seat.pk}:cost")]
    others = Seat.objects.filter(campaign_id=seat.campaign_id, customer_id=seat.customer_id or 0, state=SeatState.PAID)
    if seat.is_newcomer and seat.customer_id is not None and not others.exists():
        told.append(neighbours.Note(programme, "left", f"seat:{seat.pk}:left", customer_id=seat.customer_id))
    return told


def _settle_money(seat: Seat, *, was_paid: bool, now: datetime) -> None:
    system, key = Actor.system(), payment_key(seat.pk)
    if was_paid:
        call_off_visits([seat], now=now)
        refund_many(actor=system, wanted=[Back(f"{key}:left", key, None, REASON)], now=now)
        neighbours.NEIGHBOURS.outcomes([f"groupbuy:{seat.key}"], "refunded", now)
        return
    payment = payments_of_keys(keys=[key]).get(key)
    if payment is not None:
        close_payment(actor=system, payment_id=payment.id, now=now)
