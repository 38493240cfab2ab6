"""Erasing a person as a whole: asked for, then done room by room, with a receipt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.customers.erasing import ERASERS, Eraser
from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation import bulk, jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.ingest import journal
from yutang.insight.tasks import follow_orders
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence
from yutang.privacy.models import Erasure, ErasureState

_LONGEST_REASON = 200
#: The room whose people all others name: what still names one of them refuses their deletion.
_LAST = "customers"


class NoSuchErasure(DomainError):
    """There is no such erasure."""

    code: ClassVar[str] = "no_such_erasure"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no erasure %(erasure_id)s.")


class ErasureNeedsReason(DomainError):
    """Nobody wrote why a person is to be erased."""

    code: ClassVar[str] = "erasure_needs_reason"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Write why this person is to be erased, in at most 200 characters.")


class PersonBecameAnother(DomainError):
    """The person was merged into another one since the erasure was asked for."""

    code: ClassVar[str] = "person_became_another"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The record was found to be the same person as customer %(customer_id)s meanwhile. Ask for the erasure of that customer."
    )


@transaction.atomic
def ask_to_erase(*, actor: Actor, customer_id: int, reason: str, now: datetime) -> tuple[int, int]:
    """Let a worker erase a person with all records that were merged into it; asked again, what was stopped goes on.

    Args:
        actor: needs ``privacy.erase``.
        customer_id: who.
        reason: why. 1 to 200 characters.
        now: when. Aware UTC.

    Returns:
        (the erasure, the job that does it).

    Raises:
        ErasureNeedsReason: nobody wrote why.
        NoSuchCustomer: there is none, or the record was merged into another.
    """
    from yutang.privacy.tasks import erase_person

    actor.require("privacy.erase")
    reason = reason.strip()
    if not 0 < len(reason) <= _LONGEST_REASON:
        raise ErasureNeedsReason
    bulk.one_at_a_time(f"privacy.person:{customer_id}")
    row = Erasure.objects.filter(number=customer_id).exclude(state=ErasureState.DONE).first()
    if row is None and not Customer.objects.filter(pk=customer_id, merged_into=None).exists():
        raise NoSuchCustomer(customer_id=customer_id)
    row = row or Erasure(number=customer_id, people=[customer_id])
    row.state, row.stopped_by = ErasureState.WAITING, None
    row.reason, row.asked_at, row.asked_by_id = reason, now, actor.staff_id
    row.save()
    job_id = jobs.enqueue(erase_person, {"erasure_id": row.pk}, now=now)
    audit(
        actor=actor,
        action="privacy.erase",
        subject_type="customer",
        subject_id=customer_id,
        detail={"reason": reason},
        now=now,
    )
    return row.pk, job_id


def run_erasure(
    *, actor: Actor, erasure_id: int, told: Callable[[int, int, Sentence], None], now: datetime
) -> dict[str, int]:
    """Erase a person, and return how many rows that were by room.

    Each room forgets in one transaction of its own with its line of the receipt. Ended at any point and run again, rooms that had
    forgotten find nothing more, or what was written since.

    Args:
        actor: the system: every room asks for a permission of its own.
        erasure_id: which.
        told: called before each room with how many are done, how many there are, and which is next.
        now: when. Aware UTC.

    Raises:
        NoSuchErasure: there is none.
        PersonBecameAnother: the person was merged into another one since.
        DomainError: a room refuses, as the ledger does while principal is owed; such rooms are asked before any other.
    """
    actor.require("privacy.erase")
    row = Erasure.objects.filter(pk=erasure_id).first()
    if row is None:
        raise NoSuchErasure(erasure_id=erasure_id)
    if row.state == ErasureState.DONE:
        return dict(row.receipt)
    try:
        people = _records_of(row)
        order = erasers_in_order()
        for done, eraser in enumerate(order):
            told(done, len(order), Sentence(eraser.title))
            _forget(actor, row, eraser, people, now)
    except DomainError as refusal:
        stopped = Erasure.objects.filter(pk=row.pk, state=ErasureState.WAITING)
        stopped.update(state=ErasureState.STOPPED, stopped_by=refusal.sentence.as_json())
        raise
    return _ended(actor, row, now)


def erasers_in_order() -> list[Eraser]:
    """Return how the rooms forget: first who may refuse, last who holds the people themselves."""
    return sorted(ERASERS, key=lambda one: (one.room == _LAST, not one.may_refuse, one.room))


@transaction.atomic
def _records_of(row: Erasure) -> list[int]:
    """Return the numbers of all records of the person, and keep them: when the person is gone, nothing tells of them any more."""
    known = set(row.people)
    merged = set(Customer.objects.filter(merged_into_id__in=known).values_list("pk", flat=True))
    people = sorted(known | merged)
    became = Customer.objects.filter(pk__in=people).exclude(merged_into=None).exclude(merged_into_id__in=people)
    elsewhere = became.order_by("pk").values_list("merged_into_id", flat=True).first()
    if elsewhere is not None:
        raise PersonBecameAnother(customer_id=elsewhere)
    Erasure.objects.filter(pk=row.pk).update(people=people)
    return people


def _forget(actor: Actor, row: Erasure, eraser: Eraser, people: list[int], now: datetime) -> None:
    with journal.marked_transaction():
        n = eraser.forget(actor=actor, customer_ids=people, now=now)
        if n:
            receipt = Erasure.objects.select_for_update().get(pk=row.pk).receipt
            receipt[eraser.room] = receipt.get(eraser.room, 0) + n
            Erasure.objects.filter(pk=row.pk).update(receipt=receipt)


@transaction.atomic
def _ended(actor: Actor, row: Erasure, now: datetime) -> dict[str, int]:
    if Erasure.objects.filter(pk=row.pk, state=ErasureState.WAITING).update(state=ErasureState.DONE, done_at=now):
        rows = sum(Erasure.objects.get(pk=row.pk).receipt.values())
        audit(
            actor=actor,
            action="privacy.erased",
            subject_type="erasure",
            subject_id=row.pk,
            detail={"rows": rows},
            now=now,
        )
        if not jobs.is_waiting(follow_orders, by=now):
            jobs.enqueue(follow_orders, {}, now=now)
    return dict(Erasure.objects.get(pk=row.pk).receipt)
