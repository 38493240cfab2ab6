"""Every change of the room that others may ask for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.utils import timezone

from yutang.customers.models import Customer
from yutang.customers.queries import NoSuchCustomer
from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.foundation.queries import organisation_setting
from yutang.foundation.sealing import seal
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.privacy.erasing import ErasureNeedsReason, NoSuchErasure, PersonBecameAnother, ask_to_erase, run_erasure
from yutang.privacy.events import DataRequested
from yutang.privacy.models import DataRequest, RequestKind, RequestState
from yutang.privacy.organisation import ANSWER_DAYS

__all__ = [
    "AnswerIsMissing",
    "DataRequestIsAnswered",
    "DataRequestIsUnreadable",
    "ErasureNeedsReason",
    "NoSuchDataRequest",
    "NoSuchErasure",
    "PersonBecameAnother",
    "answer_request",
    "ask_about_data",
    "ask_to_erase",
    "run_erasure",
]

_LONGEST_WORDS, _LONGEST_ANSWER = 500, 300


class NoSuchDataRequest(DomainError):
    """There is no such request."""

    code: ClassVar[str] = "no_such_data_request"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no request %(request_id)s.")


class DataRequestIsUnreadable(DomainError):
    """What is asked for cannot be this."""

    code: ClassVar[str] = "data_request_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "Choose what you ask for, and write at most 500 characters; for a correction write what is wrong."
    )


class DataRequestIsAnswered(DomainError):
    """It was answered already."""

    code: ClassVar[str] = "data_request_is_answered"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("This request was answered already.")


class AnswerIsMissing(DomainError):
    """Nobody wrote what the person is answered."""

    code: ClassVar[str] = "data_request_needs_answer"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Write what the customer is answered, in at most 300 characters.")


@transaction.atomic
def ask_about_data(*, actor: Actor, customer_id: int, kind: str, words: str, now: datetime) -> int:
    """Write down what a person asks about their data, and return the request; asked the same while it is open, it stays one.

    Args:
        actor: the system, for a person who came by a link of their own; or needs ``privacy.answer``.
        customer_id: who asks.
        kind: ``copy``, ``correction``, ``erasure`` or ``objection``.
        words: what the person writes; a correction needs some. At most 500 characters.
        now: when. Aware UTC.

    Raises:
        DataRequestIsUnreadable: what is asked for cannot be this.
        NoSuchCustomer: there is none.
    """
    actor.require("privacy.answer")
    words = words.strip()
    if kind not in RequestKind.values or len(words) > _LONGEST_WORDS or (kind == RequestKind.CORRECTION and not words):
        raise DataRequestIsUnreadable
    if not Customer.objects.filter(pk=customer_id, merged_into=None).exists():
        raise NoSuchCustomer(customer_id=customer_id)
    bulk.one_at_a_time(f"privacy.person:{customer_id}")
    known = DataRequest.objects.filter(customer_id=customer_id, kind=kind, state=RequestState.OPEN).first()
    if known is not None:
        return known.pk
    due_date = timezone.localtime(now).date() + timedelta(days=int(organisation_setting(ANSWER_DAYS)))
    count = DataRequest.objects.filter(customer_id=customer_id).count()
    row = DataRequest.objects.create(
        key=f"{customer_id}:{kind}:{count}", customer_id=customer_id, kind=kind, sealed_words=seal({"words": words}),
        asked_at=now, due_date=due_date,
    )  # fmt: skip
    outbox.record(DataRequested(row.pk, kind, customer_id, due_date), now=now)
    _note(actor, "privacy.ask", row, now)
    return row.pk


@transaction.atomic
def answer_request(*, actor: Actor, request_id: int, outcome: str, answer: str, now: datetime) -> None:
    """Write down that a request was fulfilled, or refused and why; the person reads the answer on the own page.

    Args:
        actor: needs ``privacy.answer``.
        request_id: which.
        outcome: ``done`` or ``refused``.
        answer: what the person is answered. 1 to 300 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchDataRequest: there is none.
        DataRequestIsAnswered: it was answered already.
        AnswerIsMissing: nobody wrote what the person is answered.
    """
    actor.require("privacy.answer")
    row = DataRequest.objects.filter(pk=request_id).first()
    if row is None:
        raise NoSuchDataRequest(request_id=request_id)
    if outcome not in {RequestState.DONE, RequestState.REFUSED} or not 0 < len(answer.strip()) <= _LONGEST_ANSWER:
        raise AnswerIsMissing
    waiting = DataRequest.objects.filter(pk=row.pk, state=RequestState.OPEN)
    if not waiting.update(state=outcome, answer=answer.strip(), answered_at=now, answered_by_id=actor.staff_id):
        raise DataRequestIsAnswered
    _note(actor, "privacy.answer", row, now)


def _note(actor: Actor, action: str, row: DataRequest, now: datetime) -> None:
    audit(
        actor=actor, action=action, subject_type="data_request", subject_id=row.pk, detail={"kind": row.kind}, now=now
    )
