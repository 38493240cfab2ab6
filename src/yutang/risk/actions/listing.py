"""Lists: who and what is always let through, or always refused, for a reason and until a day."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.risk.asks import LONGEST_SUBJECT
from yutang.risk.models import Effect, ListEntry, Subject
from yutang.risk.refusals import EndIsPast, GuardWordsAreMissing, ListedThingIsWrong, NoSuchListEntry
from yutang.risk.things import listed_key

LONGEST_REASON = 200


@transaction.atomic
def put_on_list(
    *, actor: Actor, effect: str, subject: str, value: str, reason: str, until: datetime | None, now: datetime
) -> int:
    """Put somebody or something on a list, and return the entry; only the keyed hash of what is no person is kept.

    Args:
        actor: needs ``guard.change``.
        effect: ``allow`` or ``block``.
        subject: ``person``, ``device``, ``address``, ``block``, ``payer`` or ``place``.
        value: key of the customer, or the device, address or account as it is known.
        reason: why. 1 to 200 characters.
        until: when it ends; None: not by itself. Aware UTC.
        now: when. Aware UTC.

    Raises:
        ListedThingIsWrong: the value cannot be read as such a thing, or there is no such customer.
        GuardWordsAreMissing: nobody said why.
        EndIsPast: the end lies in the past.
    """
    actor.require("guard.change")
    why = reason.strip()
    if not 0 < len(why) <= LONGEST_REASON:
        raise GuardWordsAreMissing(most=LONGEST_REASON)
    if until is not None and until <= now:
        raise EndIsPast
    if effect not in Effect or subject not in Subject or len(value) > LONGEST_SUBJECT:
        raise ListedThingIsWrong(written=value[:40])
    customer_id, thing = _meant(subject, value.strip())
    row = ListEntry.objects.create(
        subject=subject, customer_id=customer_id, thing=thing, effect=effect, reason=why, until=until,
        made_by_id=actor.staff_id, made_at=now,
    )  # fmt: skip
    detail = {"subject": subject, "effect": effect, "reason": why}
    audit(actor=actor, action="guard.list", subject_type="guard_list", subject_id=row.pk, detail=detail, now=now)
    return row.pk


@transaction.atomic
def take_off_list(*, actor: Actor, entry_id: int, now: datetime) -> None:
    """Take an entry off its list.

    Args:
        actor: needs ``guard.change``.
        entry_id: which.
        now: when. Aware UTC.

    Raises:
        NoSuchListEntry: there is none, or it was taken off already.
    """
    actor.require("guard.change")
    if not ListEntry.objects.filter(pk=entry_id, ended_at=None).update(ended_at=now):
        raise NoSuchListEntry(entry=entry_id)
    audit(actor=actor, action="guard.unlist", subject_type="guard_list", subject_id=entry_id, now=now)


def _meant(subject: str, value: str) -> tuple[int | None, int | None]:
    """Return the customer or the keyed hash that a value stands for."""
    if subject == Subject.PERSON:
        is_number = value.isascii() and value.isdigit() and len(value) < 19
        row = Customer.objects.filter(pk=int(value)).first() if is_number else None
        if row is None:
            raise ListedThingIsWrong(written=value[:40])
        return row.merged_into_id or row.pk, None
    thing = listed_key(subject, value)
    if thing is None:
        raise ListedThingIsWrong(written=value[:40])
    return None, thing
