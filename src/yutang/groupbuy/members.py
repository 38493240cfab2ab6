"""The members of one group as staff see them: who has which place, by whom they came, what was paid and given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yutang.foundation.access import Actor
from yutang.groupbuy.finding import groups_within_reach, payment_key, seats_within_reach
from yutang.groupbuy.models import LIVING, GroupState, Seat, SeatState
from yutang.groupbuy.queries import group_views
from yutang.groupbuy.refusals import NoSuchGroup
from yutang.groupbuy.views import GroupView
from yutang.payments.queries import PaymentView, payments_of_keys

__all__ = ["Member", "group_view", "members_of"]


@dataclass(frozen=True)
class Member:
    """One person's place in a group.

    Attributes:
        number: the place in the order in which people came, from 1; of everybody, also of those out of reach.
        customer_id: who; None: erased.
        is_captain: whether it is the oldest living place.
        invited_by: by whose link the person came; None: by nobody's, or whoever it was is erased.
        hold_until: until when an unpaid place is held.
        payment: None: nothing was asked for.
        ask_key: under which the guard was asked.
        can_be_taken_out: whether the place can be given up, or its money given back.
    """

    id: int
    number: int
    customer_id: int | None
    state: str
    is_captain: bool
    is_newcomer: bool
    invited_by: int | None
    price_minor: int
    joined_at: datetime
    hold_until: datetime
    paid_at: datetime | None
    ended_at: datetime | None
    store_name: str
    distance_km: int | None
    payment: PaymentView | None
    ask_key: str
    can_be_taken_out: bool


def group_view(*, access: Actor, group_id: int, now: datetime) -> GroupView:
    """Return one group, with its odds where it is open.

    Raises:
        NoSuchGroup: there is none within reach.
    """
    access.require("groupbuy.view")
    row = groups_within_reach(access).select_related("campaign").filter(pk=group_id).first()
    if row is None:
        raise NoSuchGroup(group=group_id)
    return group_views([row], now=now)[0]


def members_of(*, access: Actor, group_id: int) -> tuple[Member, ...]:
    """Return the places of a group that are within reach, in the order in which they came; also those that were given up."""
    access.require("groupbuy.view")
    order = list(Seat.objects.filter(group_id=group_id).order_by("pk").values_list("pk", "state"))
    numbers = {key: number for number, (key, _state) in enumerate(order, start=1)}
    captain = next((key for key, state in order if state in LIVING), None)
    rows = seats_within_reach(access).filter(group_id=group_id)
    seats = list(rows.select_related("group", "store", "invited_by").order_by("pk"))
    paid = payments_of_keys(keys=[payment_key(one.pk) for one in seats])
    return tuple(
        Member(
            id=one.pk,
            number=numbers[one.pk],
            customer_id=one.customer_id,
            state=one.state,
            is_captain=one.pk == captain,
            is_newcomer=one.is_newcomer,
            invited_by=one.invited_by.customer_id if one.invited_by else None,
            price_minor=one.price_minor,
            joined_at=one.joined_at,
            hold_until=one.hold_until,
            paid_at=one.paid_at,
            ended_at=one.ended_at,
            store_name=one.store.name if one.store else "",
            distance_km=one.distance_km,
            payment=paid.get(payment_key(one.pk)),
            ask_key=f"groupbuy:{one.key}",
            can_be_taken_out=_can_be_taken_out(one),
        )
        for one in seats
    )


def _can_be_taken_out(seat: Seat) -> bool:
    if seat.group.state == GroupState.OPEN:
        return seat.state in LIVING
    return seat.group.state == GroupState.FILLED and seat.state == SeatState.PAID
