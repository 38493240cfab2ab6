"""Benefits: promised with a deed, given when they are due and the order can no longer be given back, taken back where it was."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.coupons import actions as coupons
from yutang.coupons.refusals import CouponIsNotGiven
from yutang.economics import actions as economics
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.referral.events import BenefitGiven, BenefitTakenBack
from yutang.referral.finding import coupon_cost, economics_key, programme_by_id, touch
from yutang.referral.models import Invitation, InvitationState, Inviter, Reward, RewardState, Role

#: Benefits that one run gives. Count.
_AT_ONCE = 2_000
#: Why a benefit was not given, or was taken back, beside the codes of refusals of coupons.
REASONS = {
    "enough": N_("as many friends count already as may"),
    "nothing": N_("the programme gives nothing here"),
    "refunded": N_("the friend's order was given back"),
    "used": N_("the friend's order was given back, but the coupon was used already"),
    "erased": N_("the person was erased"),
}


def promise(row: Invitation, role: str, *, due_at: datetime, now: datetime) -> None:
    """Keep that somebody gets a benefit, once, and give it where it is due already; in the caller's transaction."""
    reward, made = Reward.objects.get_or_create(
        invitation=row, role=role, defaults={"state": RewardState.WAITING, "due_at": due_at}
    )
    if made:
        touch(row.came_date, now=now)
        if due_at <= now:
            _give(reward, now)


def give_due(*, actor: Actor, now: datetime) -> int:
    """Give the benefits whose return window is over, and return how many were looked at.

    Args:
        actor: needs ``referral.change``; the system as a rule.
        now: aware UTC.
    """
    actor.require("referral.change")
    due = Reward.objects.filter(state=RewardState.WAITING, due_at__lte=now).select_related("invitation")
    rows = list(due.order_by("due_at", "id")[:_AT_ONCE])
    for reward in rows:
        with transaction.atomic():
            _give(reward, now)
    return len(rows)


def lapse_late(*, actor: Actor, now: datetime) -> int:
    """Let invitations lapse whose friend did not do it in time, and return how many.

    Args:
        actor: needs ``referral.change``; the system as a rule.
        now: aware UTC.
    """
    actor.require("referral.change")
    late = Invitation.objects.filter(state=InvitationState.CAME, ends_at__lte=now)
    with transaction.atomic():
        for day in set(late.order_by().values_list("came_date", flat=True)):
            touch(day, now=now)
        return late.update(state=InvitationState.LAPSED)


def withhold(row: Invitation, *, now: datetime) -> None:
    """Take back what an invitation brought whose order was given back; in the caller's transaction.

    What waits is not given; a coupon that was not used is taken back; one that was used stays, and is told.
    """
    for reward in Reward.objects.filter(invitation=row, state__in=(RewardState.WAITING, RewardState.GIVEN)):
        waiting = Reward.objects.filter(pk=reward.pk, state=RewardState.WAITING)
        if waiting.update(state=RewardState.NONE, reason="refunded"):
            continue
        _take_back(row, reward, now)
    touch(row.came_date, now=now)


def _give(reward: Reward, now: datetime) -> None:
    """Give a benefit that is due, or keep why not; of two who try one does."""
    row = reward.invitation
    programme = programme_by_id(row.programme_id, is_locked=True)
    if not Reward.objects.filter(pk=reward.pk, state=RewardState.WAITING).exists():
        return
    is_friend = reward.role == Role.FRIEND
    person = row.friend_id if is_friend else row.inviter_customer_id
    kind = programme.friend_coupon if is_friend else programme.inviter_coupon
    commission = 0 if is_friend else _commission(row)
    if person is None:
        _end(reward, "erased")
    elif not kind and not commission:
        _end(reward, "nothing")
    elif not is_friend and _has_enough(row):
        _end(reward, "enough")
    else:
        _give_to(reward, row, person, kind, commission, now)


def _give_to(reward: Reward, row: Invitation, person: int, kind: str, commission_fen: int, now: datetime) -> None:
    key, campaign = f"referral:{row.pk}:{reward.role}", economics_key(row.programme_id)
    coupon_id, cost = None, commission_fen
    if kind:
        try:
            with transaction.atomic():
                coupon_id = coupons.give_coupon(
                    actor=Actor.system(), kind=kind, customer_id=person, key=key, campaign=campaign, now=now
                )
        except DomainError as refusal:
            _end(reward, refusal.code[:40])
            return
        cost += coupon_cost(kind, field="inviter_coupon")
    changed = {"coupon_id": coupon_id, "cost_fen": cost, "commission_fen": commission_fen, "given_at": now}
    Reward.objects.filter(pk=reward.pk).update(state=RewardState.GIVEN, **changed)
    economics.note(
        actor=Actor.system(), programme=campaign, kind="cost", key=f"benefit:{reward.pk}", amount_fen=cost,
        customer_id=row.friend_id, now=now,
    )  # fmt: skip
    outbox.record(BenefitGiven(reward.pk, row.programme_id, person, reward.role), now=now)


def _take_back(row: Invitation, reward: Reward, now: datetime) -> None:
    """Take a benefit back that was given; commission is cancelled whatever became of it, since it was for an order that is none."""
    system = Actor.system()
    if reward.coupon_id is not None:
        try:
            with transaction.atomic():
                coupons.take_back_coupon(
                    actor=system, coupon_id=reward.coupon_id, reason="referral: order given back", now=now
                )
        except CouponIsNotGiven:
            if not reward.commission_fen:
                Reward.objects.filter(pk=reward.pk).update(reason="used")
                return
    taken = Reward.objects.filter(pk=reward.pk, state=RewardState.GIVEN)
    if not taken.update(state=RewardState.TAKEN_BACK, reason="refunded"):
        return
    economics.note(
        actor=system, programme=economics_key(row.programme_id), kind="cost", key=f"benefit:{reward.pk}:back",
        amount_fen=-reward.cost_fen, customer_id=row.friend_id, now=now,
    )  # fmt: skip
    person = row.friend_id if reward.role == Role.FRIEND else row.inviter_customer_id
    outbox.record(BenefitTakenBack(reward.pk, row.programme_id, person or 0, reward.role), now=now)


def _commission(row: Invitation) -> int:
    """Return the commission of an order that stands. Fen."""
    programme = row.programme
    return min(row.order_fen * programme.commission_percent // 100, programme.commission_most_fen)


def _has_enough(row: Invitation) -> bool:
    inviter = Inviter.objects.get(pk=row.inviter_id)
    most = row.programme.most_of_ambassador if inviter.is_ambassador else row.programme.most_friends
    given = Reward.objects.filter(invitation__inviter=inviter, role=Role.INVITER, state=RewardState.GIVEN)
    return given.count() >= most


def _end(reward: Reward, reason: str) -> None:
    Reward.objects.filter(pk=reward.pk).update(state=RewardState.NONE, reason=reason)
