"""Replies that somebody has answered, by whatever way: noted by hand, because WeCom and the phone do not tell."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.channels.asked_staff import reply_within_reach
from yutang.channels.models import Reply
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchReply(DomainError):
    """There is no such reply within reach."""

    code: ClassVar[str] = "no_such_reply"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no reply %(reply_id)s that you may see.")


@transaction.atomic
def note_answered(*, actor: Actor, reply_id: int, now: datetime) -> bool:
    """Note that a reply was answered, and return whether nobody had noted it before.

    Args:
        actor: who answered, or saw that it was.
        reply_id: the reply.
        now: aware UTC.

    Raises:
        NoSuchReply: there is none within reach.
    """
    actor.require("worklist.work")
    row = reply_within_reach(access=actor, reply_id=reply_id)
    if row is None:
        raise NoSuchReply(reply_id=reply_id)
    mine = Reply.objects.filter(pk=row.pk, answered_at=None)
    if not mine.update(answered_at=now, answered_by_id=actor.staff_id):
        return False
    detail = {"customer": row.customer_id} if row.customer_id is not None else {}
    audit(actor=actor, action="channels.note_answered", subject_type="reply", subject_id=row.pk, detail=detail, now=now)
    return True
