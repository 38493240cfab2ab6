"""Friends in WeCom handed over from one member of staff to another, in service or after leaving (在职转接, 离职继承)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.actions import MoreThanYouHave, NotOnOneself
from yutang.foundation.audit import audit
from yutang.foundation.queries import staff_card
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.wecom.connecting import present_app
from yutang.wecom.handing import account_of, friends_to_hand_over, may_serve
from yutang.wecom.inbox import NothingIsConnected
from yutang.wecom.models import Handover


class NoAccountInWeCom(DomainError):
    """Nobody in WeCom is known to be the one who gives."""

    code: ClassVar[str] = "no_account_in_wecom"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("%(name)s is nobody in WeCom as far as is known: say who it is on the page of WeCom.")


class CannotServeInWeCom(DomainError):
    """Who takes over has no customers in WeCom."""

    code: ClassVar[str] = "cannot_serve_in_wecom"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "%(name)s cannot take customers in WeCom: say on the page of WeCom who it is, or let WeCom give them customer contact."
    )


class NobodyToHandOver(DomainError):
    """There is no friend whom the other may have."""

    code: ClassVar[str] = "nobody_to_hand_over"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("No friend of %(name)s is left in WeCom whom %(taker)s looks after here.")


@transaction.atomic
def hand_over_friends(*, actor: Actor, from_staff_id: int, to_staff_id: int, now: datetime) -> int:
    """Let WeCom hand the friends of one over to another, and return how many; what becomes of each is kept.

    These are the friends whom the taker looks after here, and those whom nobody does and whose store the taker sees.

    Args:
        actor: who wants it.
        from_staff_id: whose friends they are.
        to_staff_id: whose they are to be.
        now: aware UTC.

    Raises:
        NotAllowed: the actor does not manage staff.
        NoSuchStaff: one of the two is not within the actor's reach.
        NotOnOneself: both are one, or it is the actor who gives.
        MoreThanYouHave: the one who gives may do or see more than the actor.
        NothingIsConnected: no app is connected.
        NoAccountInWeCom: nobody knows who gives in WeCom.
        CannotServeInWeCom: the taker has no customers there.
        NobodyToHandOver: there is no such friend.
    """
    from yutang.wecom.tasks import move_handovers

    actor.require("staff.manage")
    card = staff_card(access=actor, staff_id=from_staff_id, now=now)
    giver, taker = card.person, staff_card(access=actor, staff_id=to_staff_id, now=now).person
    if giver.id in {taker.id, actor.staff_id}:
        raise NotOnOneself
    if not card.may_change:
        raise MoreThanYouHave
    if present_app() is None:
        raise NothingIsConnected
    account, receiver = account_of(giver.id), account_of(taker.id)
    if account is None:
        raise NoAccountInWeCom(name=giver.display_name)
    if receiver is None or not may_serve(receiver):
        raise CannotServeInWeCom(name=taker.display_name)
    friends = list(friends_to_hand_over(account, taker_id=taker.id, reach=taker.reach).values_list("pk", flat=True))
    asked = {
        "taker": receiver,
        "is_of_left": account.left_at is not None,
        "asked_by_id": actor.staff_id,
        "asked_at": now,
    }
    if not friends:
        raise NobodyToHandOver(name=giver.display_name, taker=taker.display_name)
    # Of two who ask at the same moment one finds a friend asked for.
    Handover.objects.bulk_create([Handover(friendship_id=one, **asked) for one in friends], ignore_conflicts=True)
    jobs.enqueue(move_handovers, {}, now=now)
    audit(
        actor=actor,
        action="wecom.hand_over_friends",
        subject_type="staff",
        subject_id=giver.id,
        detail={"to": taker.id, "customers": len(friends)},
        now=now,
    )
    return len(friends)
