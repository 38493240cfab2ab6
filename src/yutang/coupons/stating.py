"""What the economics of programmes hear of kinds of coupons: what one costs, who came by it, what redeeming it cost and brought.

A kind is called ``coupon:7`` there. What a coupon costs that another programme gave, such as a referral, counts with that programme
where it states its own economics, so that nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Sum

from yutang.coupons.models import Coupon, Kind
from yutang.coupons.terms import budget_of, unit_cost_of
from yutang.customers.dealings import who_dealt
from yutang.economics import actions as economics
from yutang.economics import queries as stated
from yutang.economics.actions import NoSuchProgramme, Statement
from yutang.foundation.access import Actor


def programme_of(kind_id: int) -> str:
    """Return what a kind is called among programmes."""
    return f"coupon:{kind_id}"


def state_kind(*, actor: Actor, kind: Kind, now: datetime) -> bool:
    """State what a kind costs and, where it is for newcomers, what one who stays is worth; return whether it could be stated.

    Nothing is stated of a kind whose cost nobody knows, or that is not in yuan.

    Args:
        actor: who makes or changes it.
        kind: as it is kept.
        now: when. Aware UTC.

    Raises:
        ProgrammeLosesByItself: a piece costs more than a newcomer who stays is worth.
        WorthIsNotKnown: nobody states that worth, and nothing knows it.
    """
    if kind.currency != "CNY" or unit_cost_of(kind) <= 0:
        return False
    statement = Statement(
        programme=programme_of(kind.pk),
        title=kind.name,
        unit_cost_fen=unit_cost_of(kind),
        budget_fen=budget_of(kind),
        margin_percent=kind.margin_percent,
        worth_fen=kind.worth_minor,
        brings_newcomers=kind.is_for_newcomers,
        came_before=Coupon.objects.filter(kind=kind, customer__isnull=False).values("customer").distinct().count(),
    )
    # Who may make kinds need not be allowed to change other programmes.
    own = actor if actor.can("economics.change") else Actor.system()
    is_new = not stated.is_stated(statement.programme)
    economics.state(actor=own, programme=statement, now=now)
    if is_new:
        _note_what_it_cost_before(actor, kind, now)
    return True


def state_unstated(*, actor: Actor, now: datetime) -> int:
    """State the kinds of which nothing is stated though it is known what one costs, and return how many those were."""
    known = stated.stated_keys(room="coupon")
    kinds = [one for one in Kind.objects.order_by("id") if programme_of(one.pk) not in known]
    return sum(state_kind(actor=actor, kind=one, now=now) for one in kinds)


def is_paused(kind: Kind) -> bool:
    """Return whether the economics have paused a kind."""
    return kind.is_for_newcomers and stated.is_paused(programme_of(kind.pk))


def note_given(*, actor: Actor, kind: Kind, coupons: Sequence[Coupon], now: datetime) -> int:
    """Note who of those that were given a coupon for newcomers never dealt with the shop before, and return how many came so.

    Args:
        actor: who gave.
        kind: of which all of the coupons are.
        coupons: what was given now, in one campaign.
        now: when. Aware UTC.
    """
    if not kind.is_for_newcomers or not coupons or _counts_elsewhere(coupons[0].campaign):
        return 0
    given = {one.customer_id: f"given:{one.pk}" for one in reversed(coupons) if one.customer_id is not None}
    dealt = who_dealt(given)
    came = {person: key for person, key in given.items() if person not in dealt}
    try:
        return economics.note_who_came(actor=actor, programme=programme_of(kind.pk), keys=came, now=now)
    except NoSuchProgramme:
        return 0


def note_redeemed(*, actor: Actor, coupon: Coupon, off_minor: int, order_minor: int | None, now: datetime) -> None:
    """Note what a redeemed coupon cost, and what the order was worth after it where it brings no newcomers.

    What newcomers buy the economics read from the orders.

    Args:
        actor: who redeemed it.
        coupon: with its kind.
        off_minor: what it took off, or what its thing cost. Fen.
        order_minor: value of the order before the coupon; None: not known. Fen.
        now: when. Aware UTC.
    """
    kind = coupon.kind
    if kind.currency != "CNY" or _counts_elsewhere(coupon.campaign):
        return
    programme, person = programme_of(kind.pk), coupon.customer_id
    sales = 0 if kind.is_for_newcomers or order_minor is None else max(order_minor - _taken_off(kind, off_minor), 0)
    try:
        economics.note(
            actor=actor, programme=programme, kind="cost", key=f"redeemed:{coupon.pk}", amount_fen=off_minor, customer_id=person, now=now
        )  # fmt: skip
        if sales:
            economics.note(
                actor=actor, programme=programme, kind="revenue", key=f"order:{coupon.pk}", amount_fen=sales, customer_id=person, now=now
            )  # fmt: skip
    except NoSuchProgramme:
        # Nothing was stated of this kind.
        return


def _note_what_it_cost_before(actor: Actor, kind: Kind, now: datetime) -> None:
    """Note what redeemed coupons of a kind cost before it was stated, in one sum of nobody's."""
    sums = Coupon.objects.filter(kind=kind).aggregate(cost=Sum("off_minor", default=0))
    if sums["cost"]:
        economics.note(
            actor=actor, programme=programme_of(kind.pk), kind="cost", key="before", amount_fen=sums["cost"], now=now
        )


def _counts_elsewhere(campaign: str) -> bool:
    return bool(campaign) and stated.is_stated(campaign)


def _taken_off(kind: Kind, off_minor: int) -> int:
    """Return by how much less was paid; a thing takes nothing off."""
    return 0 if kind.gives == "thing" else off_minor
