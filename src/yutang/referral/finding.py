"""Finding programmes, inviters, invitations and friends for the room's own actions."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
from django.db.models import QuerySet

from yutang.coupons.queries import NoSuchCouponKind, kind_named
from yutang.customers.identity import Origin, resolve_people
from yutang.customers.search import mobile_in
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.kit.text import N_
from yutang.referral.models import Invitation, Inviter, Programme
from yutang.referral.refusals import (
    LinkIsWrong,
    NoSuchInvitation,
    NoSuchReferral,
    NumberTellsNobody,
    PhoneIsUnreadable,
)
from yutang.referral.terms import Terms, wrong

#: Scope of what people are called on pages of referral: free text, no account.
_SCOPE = "referral"
_PERCENT_NEEDS_BOUND = N_("a kind whose cost is known: percent off needs its “at most”")


def programme_by_id(programme_id: int, *, is_locked: bool = False) -> Programme:
    """Return a programme; locked, whoever else changes what friends of it get waits.

    Raises:
        NoSuchReferral: there is none.
    """
    rows = Programme.objects.select_for_update() if is_locked else Programme.objects
    row = rows.filter(pk=programme_id).first()
    if row is None:
        raise NoSuchReferral(programme_id=programme_id)
    return row


def inviter_by_id(inviter_id: int) -> Inviter:
    """Return whose link it is.

    Raises:
        LinkIsWrong: there is nobody, or the person was erased.
    """
    row = Inviter.objects.select_related("programme").filter(pk=inviter_id, customer__isnull=False).first()
    if row is None:
        raise LinkIsWrong
    return row


def invitations_within_reach(access: Actor) -> QuerySet[Invitation]:
    """Return the invitations of friends within reach."""
    rows = Invitation.objects.all()
    return rows if access.store_ids is None else rows.filter(friend__store_id__in=access.store_ids)


def invitation_by_id(access: Actor, invitation_id: int) -> Invitation:
    """Return an invitation of a friend within reach.

    Raises:
        NoSuchInvitation: there is none.
    """
    row = invitations_within_reach(access).select_related("programme", "inviter").filter(pk=invitation_id).first()
    if row is None:
        raise NoSuchInvitation(invitation_id=invitation_id)
    return row


def economics_key(programme_id: int) -> str:
    """Return what a programme is called in the rooms of economics and risk."""
    return f"referral:{programme_id}"


def coupon_cost(kind: str, *, field: str) -> int:
    """Return what a coupon of a kind costs at most. Fen; 0 for no kind.

    Raises:
        ReferralIsWrong: there is no such kind, or what it costs has no bound.
    """
    if not kind:
        return 0
    try:
        terms = kind_named(access=Actor.system(), code=kind).terms
    except NoSuchCouponKind as error:
        raise wrong(field, kind, N_("the short name of a kind of coupon")) from error
    cost = terms.most_minor if terms.gives == "percent" else terms.cost_minor
    if cost <= 0 or terms.currency != "CNY":
        raise wrong(field, kind, _PERCENT_NEEDS_BOUND)
    return cost


def unit_cost_of(terms: Terms) -> int:
    """Return what one friend costs at most: both benefits and the commission. Fen."""
    coupons = coupon_cost(terms.friend_coupon, field="friend_coupon") + coupon_cost(
        terms.inviter_coupon, field="inviter_coupon"
    )
    return coupons + (terms.commission_most_fen if terms.commission_percent else 0)


def person_of_phone(phone: str, *, now: datetime) -> int:
    """Return whose a mobile number is; who is not known is known from now on.

    Raises:
        PhoneIsUnreadable: it is no mobile number.
        NumberTellsNobody: too many people share it.
    """
    number = mobile_in(phone)
    if not number:
        raise PhoneIsUnreadable
    seen = pa.array([now.astimezone(UTC).replace(tzinfo=None)], pa.timestamp("us"))
    observed = pa.table({"phone": pa.array([number], pa.string()), "seen_at": seen})
    (person,) = resolve_people(observed=observed, origin=Origin(None, _SCOPE), now=now).to_pylist()
    if person is None:
        raise NumberTellsNobody
    return int(person)


def touch(day: object, *, now: datetime) -> None:
    """Mark the month in which a friend came as changed, for the lake."""
    journal.touch(Invitation._meta.db_table, {str(day)[:7]}, now=now)
