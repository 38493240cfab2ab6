"""What becomes of payments: paid as the provider tells or as the cashier says, looked after, and given up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from yutang.connectors.wechatpay.errors import WeChatPayError
from yutang.foundation import bulk, outbox
from yutang.foundation.access import Actor
from yutang.ingest import journal
from yutang.payments import ledger
from yutang.payments.actions.asking import payer_hash, payment_numbered
from yutang.payments.actions.refunding import settle_refund
from yutang.payments.adapters import Notice, adapter_named
from yutang.payments.adapters.sandbox import Sandbox
from yutang.payments.events import Failed, Paid
from yutang.payments.marking import mark
from yutang.payments.models import Payment, State
from yutang.payments.refusals import AmountDiffers, PaymentIsOver

#: The provider is asked about what is open so long after it was asked for, and given up so long after its end.
_LOOKED_AFTER, _GIVEN_UP_AFTER = timedelta(minutes=2), timedelta(minutes=5)
_AT_ONCE = 100


def receive_notice(*, actor: Actor, adapter: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Take what a provider pushes, and return the number of the payment or refund it told of; the same notice again changes nothing.

    Raises:
        NoticeIsRefused: the adapter is not set up.
        SignatureIsWrong: the provider did not sign it.
        NoSuchPayment: it is about no payment of ours.
        AmountDiffers: another amount was paid than was asked for.
    """
    actor.require("payments.take")
    told = adapter_named(adapter).notice(headers, body)
    if told.is_refund:
        settle_refund(told=told, now=now)
    else:
        _settle(payment_numbered(told.number), told, now)
    return told.number


def look_after(*, actor: Actor, number: str, now: datetime) -> str:
    """Ask the provider how a payment stands, take what it tells, and return the state: ``asked``, ``paid`` or ``closed``."""
    actor.require("payments.take")
    payment = payment_numbered(number)
    if payment.state == State.ASKED:
        _settle(payment, adapter_named(payment.adapter).look(payment), now)
        payment.refresh_from_db()
    return payment.state


def pay_in_sandbox(*, actor: Actor, number: str, now: datetime) -> int:
    """Pay at the cashier for trying out, and return the payment; paid again, nothing changes.

    Raises:
        NoSuchPayment: there is none.
        PaymentIsOver: it can be paid no more, or is for another way to pay.
    """
    actor.require("payments.take")
    payment = payment_numbered(number)
    is_over = payment.state == State.CLOSED or (payment.ends_at is not None and payment.ends_at <= now)
    if payment.adapter != Sandbox.name or (is_over and payment.state != State.PAID):
        raise PaymentIsOver
    told = Notice(number, "paid", payment.amount_minor, payment.currency, f"sandbox-{number[:12]}", at=now)
    _settle(payment, told, now)
    return payment.pk


@transaction.atomic
def cancel_in_sandbox(*, actor: Actor, number: str, now: datetime) -> bool:
    """Turn away from the cashier for trying out, and return whether the payment was open."""
    actor.require("payments.take")
    payment = payment_numbered(number)
    return payment.adapter == Sandbox.name and _given_up(payment, now)


def follow_payments(*, actor: Actor, now: datetime) -> dict[str, int]:
    """Ask the providers about payments that are open for a while, and give up those whose time is over; return counts."""
    actor.require("payments.take")
    paid = closed = faults = 0
    waiting = Payment.objects.filter(state=State.ASKED, asked_at__lte=now - _LOOKED_AFTER).order_by("asked_at")
    for payment in waiting[:_AT_ONCE]:
        try:
            told = adapter_named(payment.adapter).look(payment)
            is_over = payment.ends_at is not None and payment.ends_at + _GIVEN_UP_AFTER <= now
            if told.state == "open" and is_over:
                adapter_named(payment.adapter).close(payment)
                told = adapter_named(payment.adapter).look(payment)
        except WeChatPayError:
            faults += 1
            continue
        if told.state == "paid":
            paid += _settle(payment, told, now)
        elif told.state == "closed" or is_over:
            closed += _given_up(payment, now)
    return {"paid": paid, "closed": closed, "faults": faults}


def _settle(payment: Payment, told: Notice, now: datetime) -> bool:
    """Write down what a provider tells of a payment; return whether that was new."""
    if told.state == "closed":
        return _given_up(payment, now)
    if told.state != "paid":
        return False
    if (told.amount_minor, told.currency) != (payment.amount_minor, payment.currency):
        raise AmountDiffers(told_minor=told.amount_minor, currency=told.currency, amount_minor=payment.amount_minor)
    at = told.at or now
    payer = payer_hash(told.payer) or payment.payer
    with journal.marked_transaction():
        if not bulk.execute(_PAID, (bulk.db_instant(at), told.external_id[:64], payer, payment.pk), often=True):
            return False
        mark([payment.asked_date], now=now)
        ledger.write([ledger.paid(payment, at=at)])
        outbox.record(Paid(payment.pk, payment.key, payment.purpose, payment.amount_minor, payment.currency), now=now)
    return True


#: Also what was closed here: whoever paid has paid, and gets what it was for or the money back.
_PAID = """
    UPDATE payments_payment SET state = 'paid', paid_at = %s, closed_at = NULL, external_id = %s, payer = %s
    WHERE id = %s AND state IN ('asked', 'closed')
"""


@transaction.atomic
def _given_up(payment: Payment, now: datetime) -> bool:
    if not Payment.objects.filter(pk=payment.pk, state=State.ASKED).update(state=State.CLOSED, closed_at=now):
        return False
    mark([payment.asked_date], now=now)
    outbox.record(Failed(payment.pk, payment.key, payment.purpose), now=now)
    return True
