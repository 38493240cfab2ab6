"""Friends come: by a mobile number on the page of an invitation, or by its mark when they add a member of staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from yutang.customers.dealings import who_dealt
from yutang.customers.models import Customer
from yutang.economics import actions as economics
from yutang.economics import queries as economics_queries
from yutang.foundation import outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.referral.actions.rewarding import promise
from yutang.referral.asking_risk import Asked, decision_key, judged, settle_by_room
from yutang.referral.events import FriendCame
from yutang.referral.finding import coupon_cost, economics_key, invitation_by_id, inviter_by_id, person_of_phone, touch
from yutang.referral.links import INVITE, inviter_in
from yutang.referral.models import Deed, Invitation, InvitationState, Inviter, Programme, ProgrammeState, Role
from yutang.referral.refusals import (
    DecisionNeedsReason,
    InvitationIsNotHeld,
    InvitedBySomebodyElse,
    KnownAlready,
    NumberIsKnown,
    NumberIsOfInviter,
    NumberTookAnother,
    OwnInvitation,
    ReferralIsNotOpen,
    TakeItSlowly,
)

#: Who was seen first so shortly before counts as new: the page, WeCom and the till tell of one person within minutes of each other.
_NEW = timedelta(hours=24)
_SHORTEST_REASON, _LONGEST_REASON = 5, 300
#: What is said of a number in place of a person.
_OF_NUMBER: dict[type[DomainError], type[DomainError]] = {
    OwnInvitation: NumberIsOfInviter,
    InvitedBySomebodyElse: NumberTookAnother,
    KnownAlready: NumberIsKnown,
}


def accept_invitation(
    *, actor: Actor, token: str, phone: str, device: str = "", address: str = "", now: datetime
) -> int:
    """Take an invitation by a mobile number, and return it; taken again by the same number, it is the same one.

    One that the guard refuses, or holds until somebody has looked, is kept as such: `queries.invitation_state` tells.

    Args:
        actor: the system, for the page.
        token: of the link.
        phone: of the friend, as written.
        device: what the browser is known by; empty: not known.
        address: network address; empty: not known.
        now: when. Aware UTC.

    Raises:
        LinkIsWrong: nobody here signed the link.
        ReferralIsNotOpen: the programme takes nobody now, or is paused.
        PhoneIsUnreadable: it is no mobile number.
        NumberTellsNobody: too many people share it.
        NumberIsOfInviter: the number is that of whoever invites.
        NumberTookAnother: another invitation counts that was taken with it.
        NumberIsKnown: somebody with the number is no newcomer.
        TakeItSlowly: the guard asks to wait.
    """
    inviter = inviter_by_id(inviter_in(token, purpose=INVITE))
    _require_open(inviter.programme)
    with transaction.atomic():
        friend_id = person_of_phone(phone, now=now)
        try:
            known = _known(inviter, friend_id, now)
        except (OwnInvitation, InvitedBySomebodyElse, KnownAlready) as refusal:
            # A number tells whose it is, and not who types it: a household may share one.
            raise _OF_NUMBER[type(refusal)] from refusal
    # The guard keeps what it decided, also where the rest comes to nothing.
    return known or _taken(actor, inviter, friend_id, device, address, now)


def accept_by_mark(
    *, actor: Actor, mark: str, friend_id: int, device: str = "", address: str = "", now: datetime
) -> int:
    """Take an invitation for a friend who is known: whom WeCom brought with its mark, or WeChat told; and return it.

    Args:
        actor: the system.
        mark: the token of the link.
        friend_id: who came.
        device: what the browser is known by; empty: not known.
        address: network address; empty: not known.
        now: when. Aware UTC.

    Raises:
        LinkIsWrong: the mark is none of ours.
        ReferralIsNotOpen: the programme takes nobody now, or is paused.
        OwnInvitation, InvitedBySomebodyElse, KnownAlready, TakeItSlowly: as `accept_invitation` says.
    """
    inviter = inviter_by_id(inviter_in(mark, purpose=INVITE))
    _require_open(inviter.programme)
    return _known(inviter, friend_id, now) or _taken(actor, inviter, friend_id, device, address, now)


@transaction.atomic
def decide_held(*, actor: Actor, invitation_id: int, is_right: bool, reason: str, now: datetime) -> None:
    """Let an invitation count that the guard held, or refuse it.

    Args:
        actor: needs ``referral.change``.
        invitation_id: which.
        is_right: whether it counts.
        reason: why. 5 to 300 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchInvitation: there is none within reach.
        DecisionNeedsReason: nobody said why.
        InvitationIsNotHeld: somebody decided already.
    """
    actor.require("referral.change")
    row = invitation_by_id(actor, invitation_id)
    said = reason.strip()
    if not _SHORTEST_REASON <= len(said) <= _LONGEST_REASON:
        raise DecisionNeedsReason
    state = InvitationState.CAME if is_right else InvitationState.REFUSED
    if not Invitation.objects.filter(pk=row.pk, state=InvitationState.HELD).update(state=state):
        raise InvitationIsNotHeld
    row.refresh_from_db()
    touch(row.came_date, now=now)
    if is_right:
        _begin(row, now)
    settle_by_room(actor, row, is_right=is_right, now=now)
    detail = {"reason": said, "programme": row.programme_id}
    action = "referral.allow" if is_right else "referral.refuse"
    audit(actor=actor, action=action, subject_type="invitation", subject_id=row.pk, detail=detail, now=now)


@transaction.atomic
def follow_guard(*, actor: Actor, programme_id: int, friend_id: int, is_let_through: bool, now: datetime) -> int | None:
    """Do with an invitation as a person decided at the guard, by a look or an appeal; return it where that changed it.

    One that is let through counts from now on, with the whole time for the deed; what the friend did meanwhile counts too.

    Args:
        actor: needs ``referral.change``; the system as a rule.
        programme_id: the programme.
        friend_id: the friend.
        is_let_through: what was decided.
        now: when. Aware UTC.
    """
    actor.require("referral.change")
    row = Invitation.objects.filter(programme_id=programme_id, friend_id=friend_id).select_related("programme").first()
    if row is None:
        return None
    stopped = (InvitationState.HELD, InvitationState.REFUSED) if is_let_through else (InvitationState.HELD,)
    columns: dict[str, Any] = {"state": InvitationState.REFUSED}
    if is_let_through:
        columns = {"state": InvitationState.CAME, "ends_at": now + timedelta(days=row.programme.valid_days)}
    if not Invitation.objects.filter(pk=row.pk, state__in=stopped).update(**columns):
        return None
    row.refresh_from_db()
    touch(row.came_date, now=now)
    if is_let_through:
        _begin(row, now)
    return row.pk


@transaction.atomic
def forget_people(*, actor: Actor, customer_ids: Sequence[int], now: datetime) -> int:
    """Take people off programmes, and return how many invitations that were: for the erasure of a person. Numbers and costs stay.

    Args:
        actor: needs ``referral.change``.
        customer_ids: who.
        now: when. Aware UTC.
    """
    actor.require("referral.change")
    invited = Invitation.objects.filter(Q(inviter_customer_id__in=customer_ids) | Q(friend_id__in=customer_ids))
    for day in set(invited.order_by().values_list("came_date", flat=True)):
        touch(day, now=now)
    Inviter.objects.filter(customer_id__in=customer_ids).update(customer=None, is_ambassador=False, group=None)
    Invitation.objects.filter(inviter_customer_id__in=customer_ids).update(inviter_customer=None)
    return Invitation.objects.filter(friend_id__in=customer_ids).update(friend=None, reasons=[])


def _require_open(programme: Programme) -> None:
    is_paused = economics_queries.is_paused(economics_key(programme.pk))
    if programme.state != ProgrammeState.OPEN or is_paused:
        raise ReferralIsNotOpen(name=programme.title)


def _known(inviter: Inviter, friend_id: int, now: datetime) -> int | None:
    """Return the invitation that a friend took by this link before; None where the friend is new, and a refusal otherwise."""
    if friend_id == inviter.customer_id:
        raise OwnInvitation
    known = Invitation.objects.filter(programme=inviter.programme, friend_id=friend_id).first()
    if known is not None and known.inviter_id == inviter.pk:
        return known.pk
    if known is not None:
        raise InvitedBySomebodyElse
    if not _is_new(friend_id, now):
        raise KnownAlready
    return None


def _taken(actor: Actor, inviter: Inviter, friend_id: int, device: str, address: str, now: datetime) -> int:
    """Ask the guard, then keep the invitation with what it says."""
    asked = Asked(
        key=decision_key(programme_id=inviter.programme_id, friend_id=friend_id),
        programme_id=inviter.programme_id,
        friend_id=friend_id,
        inviter_id=inviter.customer_id,
        device=device,
        address=address,
        value_fen=_value(inviter.programme),
    )
    said = judged(actor=actor, asked=asked, now=now)
    if said.verdict == "slow":
        raise TakeItSlowly(minutes=max(round(said.wait_seconds / 60), 1))
    states = {"review": InvitationState.HELD, "refuse": InvitationState.REFUSED}
    state = states.get(said.verdict, InvitationState.CAME)
    with transaction.atomic():
        row, is_made = _written(inviter, friend_id, state, list(said.reasons), now)
        if is_made and row.state == InvitationState.CAME:
            _begin(row, now)
    return row.pk


def _written(
    inviter: Inviter, friend_id: int, state: str, reasons: list[object], now: datetime
) -> tuple[Invitation, bool]:
    """Write an invitation, and return it with whether it is new; of two at the same moment the database takes one."""
    row, made = Invitation.objects.get_or_create(
        programme=inviter.programme,
        friend_id=friend_id,
        defaults={
            "inviter": inviter,
            "inviter_customer_id": inviter.customer_id,
            "state": state,
            "came_at": now,
            "came_date": timezone.localtime(now).date(),
            "ends_at": now + timedelta(days=inviter.programme.valid_days),
            "reasons": reasons,
        },
    )
    if not made and row.inviter_id != inviter.pk:
        raise InvitedBySomebodyElse
    touch(row.came_date, now=now)
    return row, made


def _begin(row: Invitation, now: datetime) -> None:
    """Tell of a friend who counts, and give what coming brings."""
    assert row.friend_id is not None
    system, key = Actor.system(), economics_key(row.programme_id)
    economics.note(actor=system, programme=key, kind="joined", key=f"came:{row.pk}", customer_id=row.friend_id, now=now)
    outbox.record(FriendCame(row.pk, row.programme_id, row.friend_id, row.inviter_customer_id or 0), now=now)
    if row.programme.deed != Deed.ADDED:
        # A coupon is worth something only with the deed itself: it is what the friend comes with.
        promise(row, Role.FRIEND, due_at=now, now=now)


def _is_new(friend_id: int, now: datetime) -> bool:
    person = Customer.objects.filter(pk=friend_id).values_list("first_seen_at", flat=True).first()
    return person is not None and person > now - _NEW and not who_dealt([friend_id])


def _value(programme: Programme) -> int:
    return coupon_cost(programme.friend_coupon, field="friend_coupon") + coupon_cost(
        programme.inviter_coupon, field="inviter_coupon"
    )
