"""Asking for payments, and leading the payer to the provider."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.foundation.sealing import digest16
from yutang.payments.adapters import Way, adapter_named, adapter_of_new_payments
from yutang.payments.events import Failed
from yutang.payments.marking import mark
from yutang.payments.models import Payment, State
from yutang.payments.refusals import NoSuchPayment, PaymentIsOver, PaymentIsWrong, PaymentKeyIsTaken

#: The largest amount of one payment: a million yuan.
MOST_MINOR = 100_000_000
_LONGEST_KEY, _LONGEST_PURPOSE, _LONGEST_SUBJECT = 140, 64, 120


@dataclass(frozen=True)
class PaymentRequest:
    """What is to be paid.

    Attributes:
        key: idempotency key: one key is one payment. 1 to 140 characters.
        purpose: what for, ``kind:number``, such as ``groupbuy-seat:55``.
        amount_fen: minor units, above 0.
        subject: what the payer reads.
        payer: paying account in the clear, kept as a keyed hash; empty: not known.
        return_path: where the payer is led afterwards: a path of this installation.
        ends_at: until when it can be paid; None: without end. Aware UTC.
    """

    key: str
    purpose: str
    amount_fen: int
    subject: str
    payer: str = ""
    return_path: str = ""
    ends_at: datetime | None = None


def ask(*, actor: Actor, request: PaymentRequest, now: datetime) -> int:
    """Ask for a payment in the caller's transaction, and return it; asked again under the same key, return the same one.

    Two statements where the key is new.

    Raises:
        NoWayToPay: nothing is set up.
        PaymentIsWrong: amount, key, purpose or subject cannot be this.
        PaymentKeyIsTaken: the key stands for another purpose or amount.
    """
    actor.require("payments.take")
    _check(request)
    at, ends_at = bulk.db_instant(now), bulk.db_instant(request.ends_at)
    texts = (request.key, secrets.token_hex(16), request.purpose, adapter_of_new_payments())
    rest = (request.amount_fen, request.subject.strip(), payer_hash(request.payer), request.return_path[:200])
    today = timezone.localtime(now).date()
    # Without a savepoint within the caller's transaction, and in one of its own where the caller has none.
    with transaction.atomic(savepoint=False):
        made = bulk.fetch(_INSERT, (*texts, *rest, at, today, ends_at), often=True)
        if made:
            mark([today], now=now)
            return int(made[0][0])
    there = Payment.objects.get(key=request.key)
    if (there.purpose, there.amount_minor) != (request.purpose, request.amount_fen):
        raise PaymentKeyIsTaken(key=request.key)
    return there.pk


_INSERT = """
    INSERT INTO payments_payment (key, number, purpose, adapter, currency, amount_minor, refunded_minor, subject, payer,
        return_path, state, asked_at, asked_date, ends_at, paid_at, closed_at, external_id)
    VALUES (%s, %s, %s, %s, 'CNY', %s, 0, %s, %s, %s, 'asked', %s, %s, %s, NULL, NULL, '')
    ON CONFLICT (key) DO NOTHING RETURNING id
"""


def begin(*, actor: Actor, number: str, scene: str, address: str, payer: str = "", now: datetime) -> Way:
    """Return how the payer goes on; asks the provider, so it is called outside of transactions.

    Args:
        actor: needs ``payments.take``.
        number: of the payment: whoever holds it may pay.
        scene: ``wechat``, ``phone`` or ``desk``.
        address: network address of the payer.
        payer: account within WeChat; empty: not known.
        now: aware UTC.

    Raises:
        NoSuchPayment: there is none.
        PaymentIsOver: it can be paid no more, or was paid.
    """
    actor.require("payments.take")
    payment = payment_numbered(number)
    if payment.state != State.ASKED or (payment.ends_at is not None and payment.ends_at <= now):
        raise PaymentIsOver
    return adapter_named(payment.adapter).begin(payment, scene=scene, payer=payer, address=address)


@transaction.atomic
def close(*, actor: Actor, payment_id: int, now: datetime) -> bool:
    """Let a payment be paid no more, and return whether it was open. What the provider takes all the same is taken as late."""
    actor.require("payments.take")
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise NoSuchPayment(payment=payment_id)
    if not Payment.objects.filter(pk=payment_id, state=State.ASKED).update(state=State.CLOSED, closed_at=now):
        return False
    mark([payment.asked_date], now=now)
    outbox.record(Failed(payment.pk, payment.key, payment.purpose), now=now)
    return True


def payment_numbered(number: str) -> Payment:
    """Return the payment of a number.

    Raises:
        NoSuchPayment: there is none.
    """
    for payment in Payment.objects.raw("SELECT * FROM payments_payment WHERE number = %s", [number[:32]]):
        return payment
    raise NoSuchPayment(payment=number[:32])


def payer_hash(account: str) -> str:
    """Return the keyed hash of a paying account, in hexadecimal; empty for none."""
    return digest16("payer", "", account).hex() if account else ""


def _check(one: PaymentRequest) -> None:
    texts = ((one.key, _LONGEST_KEY), (one.purpose, _LONGEST_PURPOSE), (one.subject.strip(), _LONGEST_SUBJECT))
    if not 0 < one.amount_fen <= MOST_MINOR or not all(0 < len(text) <= most for text, most in texts):
        raise PaymentIsWrong
    if one.return_path and (not one.return_path.startswith("/") or one.return_path.startswith("//")):
        raise PaymentIsWrong
