"""Giving money back: asked for in one transaction with what it follows from, sent by a worker, once whatever happens."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from yutang.connectors.wechatpay.errors import WeChatPayError
from yutang.foundation import bulk, jobs, outbox
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.payments import ledger
from yutang.payments.adapters import Notice, adapter_named
from yutang.payments.events import Refunded
from yutang.payments.marking import mark
from yutang.payments.models import Payment, Refund, RefundState, State
from yutang.payments.refusals import NoSuchPayment, PaymentIsNotPaid, RefundIsTooMuch

_AT_ONCE, _PARAMETERS = 200, 5_000
#: So many attempts, each after twice the time, before a person must look.
_MOST_ATTEMPTS, _FIRST_WAIT = 10, timedelta(minutes=1)


@dataclass(frozen=True)
class Back:
    """A refund that is asked for.

    Attributes:
        key: idempotency key: one key is one refund.
        payment_key: key of the payment.
        amount_fen: minor units; None: all that is left.
        reason: in a word of the code.
    """

    key: str
    payment_key: str
    amount_fen: int | None
    reason: str


@transaction.atomic
def refund(
    *, actor: Actor, key: str, payment_id: int, amount_fen: int | None = None, reason: str, now: datetime
) -> int:
    """Give money back for a payment, and return the refund; asked again under the same key, return the same one.

    Args:
        actor: needs ``payments.refund``.
        key: idempotency key.
        payment_id: of which payment.
        amount_fen: minor units; None: all that is left.
        reason: in a word of the code, 1 to 40 characters.
        now: when. Aware UTC.

    Raises:
        NoSuchPayment: there is none.
        PaymentIsNotPaid: nothing came in.
        RefundIsTooMuch: less is left than is asked for.
    """
    actor.require("payments.refund")
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise NoSuchPayment(payment=payment_id)
    refund_many(actor=actor, wanted=[Back(key, payment.key, amount_fen, reason)], now=now)
    made = Refund.objects.get(key=key)
    if actor.staff_id is not None:
        detail = {"value": made.amount_minor, "reason": reason}
        audit(
            actor=actor, action="payments.refund", subject_type="payment", subject_id=payment_id, detail=detail, now=now
        )
    return made.pk


@transaction.atomic
def refund_many(*, actor: Actor, wanted: Sequence[Back], now: datetime) -> int:
    """Give money back for many payments in a handful of statements, and return how many refunds are new; see `refund`."""
    actor.require("payments.refund")
    made = 0
    for start in range(0, len(wanted), _PARAMETERS):
        made += _refund_some(wanted[start : start + _PARAMETERS], now)
    if made:
        # Imported late: the task calls this module.
        from yutang.payments.tasks import give_back

        if not jobs.is_waiting(give_back, by=now):
            jobs.enqueue(give_back, {}, now=now)
    return made


def send_refunds(*, actor: Actor, at_most: int = _AT_ONCE, now: datetime) -> dict[str, int]:
    """Send what is to go back to the providers, ask about what is under way, and return counts; calls go out outside of transactions."""
    actor.require("payments.refund")
    counts: Counter[str] = Counter()
    for refund_id in _due(now, at_most):
        claimed = Refund.objects.filter(pk=refund_id, state__in=_OPEN, due_at__lte=now)
        # Whoever moves the time on has it; a worker that dies leaves it to the next one after that time.
        if not claimed.update(due_at=now + _FIRST_WAIT, attempts=F("attempts") + 1):
            continue
        counts[_sent(Refund.objects.select_related("payment").get(pk=refund_id), now)] += 1
    return dict(counts)


@transaction.atomic
def retry_refund(*, actor: Actor, refund_id: int, now: datetime) -> bool:
    """Send a refund that needed a person once more, and return whether it did."""
    actor.require("payments.refund")
    again = Refund.objects.filter(pk=refund_id, state=RefundState.FAILED).update(
        state=RefundState.ASKED, due_at=now, attempts=0, fault=""
    )
    if again:
        audit(actor=actor, action="payments.retry_refund", subject_type="refund", subject_id=refund_id, now=now)
    return bool(again)


def settle_refund(*, told: Notice, now: datetime) -> bool:
    """Write down what a provider tells of a refund; return whether that was new.

    Raises:
        NoSuchPayment: the refund is none of ours.
    """
    row = Refund.objects.select_related("payment").filter(number=told.number[:32]).first()
    if row is None:
        raise NoSuchPayment(payment=told.number[:32])
    if told.state != "done":
        state = RefundState.FAILED if told.state == "failed" else RefundState.SENT
        return bool(Refund.objects.filter(pk=row.pk, state__in=_OPEN).update(state=state))
    at = told.at or now
    with transaction.atomic():
        open_still = Refund.objects.filter(pk=row.pk).exclude(state=RefundState.DONE)
        if not open_still.update(state=RefundState.DONE, done_at=at, external_id=told.external_id[:64], fault=""):
            return False
        payment = row.payment
        ledger.write([ledger.refund_done(payment, row, at=at)])
        gone = Refunded(
            payment.pk, row.pk, payment.key, payment.purpose, row.amount_minor, payment.currency, row.reason
        )
        outbox.record(gone, now=now)
    return True


_OPEN = (RefundState.ASKED, RefundState.SENT)


def _due(now: datetime, at_most: int) -> list[int]:
    rows = Refund.objects.filter(state__in=_OPEN, due_at__lte=now).order_by("due_at", "id")
    return list(rows.values_list("pk", flat=True)[:at_most])


def _sent(row: Refund, now: datetime) -> str:
    try:
        told = adapter_named(row.payment.adapter).refund(row)
    except WeChatPayError as fault:
        _put_off(row, fault, now)
        return "faults"
    settle_refund(told=told, now=now)
    return told.state


def _put_off(row: Refund, fault: WeChatPayError, now: datetime) -> None:
    """Try again later, or leave it to a person: what the provider refuses for good, and what failed too often."""
    is_for_good = not fault.can_be_repeated or row.attempts >= _MOST_ATTEMPTS
    Refund.objects.filter(pk=row.pk, state__in=_OPEN).update(
        state=RefundState.FAILED if is_for_good else row.state,
        due_at=now + _FIRST_WAIT * 2 ** min(row.attempts, _MOST_ATTEMPTS),
        fault=(fault.pay_code or fault.code)[:64],
    )


def _refund_some(wanted: Sequence[Back], now: datetime) -> int:
    known = set(Refund.objects.filter(key__in=[one.key for one in wanted]).order_by().values_list("key", flat=True))
    new = list({one.key: one for one in wanted if one.key not in known}.values())
    if not new:
        return 0
    keys = sorted({one.payment_key for one in new})
    # Locked in the order of their keys, so that two who give back at once wait for each other and nobody for ever.
    payments = {one.key: one for one in Payment.objects.select_for_update().filter(key__in=keys).order_by("id")}
    rows = [_row(one, payments.get(one.payment_key), now) for one in new]
    Refund.objects.bulk_create(rows, batch_size=500)
    ledger.write([ledger.refund_asked(row.payment, row, at=now) for row in rows])
    bulk.update_rows(
        "payments_payment", ("refunded_minor",), [(one.refunded_minor, one.pk) for one in payments.values()]
    )
    mark([one.asked_date for one in payments.values()], now=now)
    return len(rows)


def _row(one: Back, payment: Payment | None, now: datetime) -> Refund:
    if payment is None:
        raise NoSuchPayment(payment=one.payment_key)
    if payment.state != State.PAID:
        raise PaymentIsNotPaid(payment=payment.pk)
    left = payment.amount_minor - payment.refunded_minor
    amount = left if one.amount_fen is None else one.amount_fen
    if not 0 < amount <= left:
        raise RefundIsTooMuch(payment=payment.pk, left_minor=left, currency=payment.currency)
    payment.refunded_minor += amount
    return Refund(
        payment=payment,
        key=one.key,
        number=secrets.token_hex(16),
        amount_minor=amount,
        reason=one.reason[:40],
        asked_at=now,
        due_at=now,
    )
