"""Who invites: any customer by a link of their own, and ambassadors of groups, who may bring more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.coupons.finding import people_within_reach
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.referral.finding import programme_by_id
from yutang.referral.models import Inviter
from yutang.wecom.models import Group


@transaction.atomic
def invite(*, actor: Actor, programme_id: int, customer_id: int, now: datetime) -> int:
    """Return the key of a customer as an inviter, by which their links are signed; asked again, it is the same one.

    Nothing is asked of whoever invites: no purchase, no fee.

    Args:
        actor: needs ``referral.invite`` and reaches the customer.
        programme_id: of which programme.
        customer_id: who invites.
        now: when. Aware UTC.

    Raises:
        NoSuchReferral: there is no such programme.
        NoSuchCustomer: there is none within reach.
    """
    actor.require("referral.invite")
    inviter_id, is_new = _inviter(actor, programme_id, customer_id, now)
    if is_new:
        _note(actor, "referral.invite", programme_id, customer_id, now)
    return inviter_id


@transaction.atomic
def name_ambassador(
    *, actor: Actor, programme_id: int, customer_id: int, group_id: int | None = None, now: datetime
) -> int:
    """Make a customer an ambassador, who may bring more friends, for a group or for none in particular; return the inviter.

    Args:
        actor: needs ``referral.change``.
        programme_id: of which programme.
        customer_id: who.
        group_id: a living customer group; None: none.
        now: when. Aware UTC.

    Raises:
        NoSuchReferral: there is no such programme.
        NoSuchCustomer: there is none within reach.
    """
    actor.require("referral.change")
    inviter_id, _is_new = _inviter(actor, programme_id, customer_id, now)
    group = Group.objects.filter(pk=group_id, dismissed_at=None).first() if group_id else None
    Inviter.objects.filter(pk=inviter_id).update(is_ambassador=True, group=group)
    _note(actor, "referral.name_ambassador", programme_id, customer_id, now)
    return inviter_id


@transaction.atomic
def end_ambassador(*, actor: Actor, programme_id: int, customer_id: int, now: datetime) -> bool:
    """Make an ambassador a customer like others again, and return whether they were one.

    Raises:
        NoSuchReferral: there is no such programme.
    """
    actor.require("referral.change")
    row = programme_by_id(programme_id)
    there = Inviter.objects.filter(programme=row, customer_id=customer_id, is_ambassador=True)
    if not there.update(is_ambassador=False, group=None):
        return False
    _note(actor, "referral.end_ambassador", programme_id, customer_id, now)
    return True


def _inviter(actor: Actor, programme_id: int, customer_id: int, now: datetime) -> tuple[int, bool]:
    """Return the key of a customer as an inviter, and whether it is new."""
    row = programme_by_id(programme_id)
    if customer_id not in people_within_reach(actor, [customer_id]):
        raise NoSuchCustomer(customer_id=customer_id)
    inviter, is_new = Inviter.objects.get_or_create(programme=row, customer_id=customer_id, defaults={"made_at": now})
    return inviter.pk, is_new


def _note(actor: Actor, action: str, programme_id: int, customer_id: int, now: datetime) -> None:
    detail = {"programme": programme_id}
    audit(actor=actor, action=action, subject_type="customer", subject_id=customer_id, detail=detail, now=now)
