"""Every change of the room that others may ask for."""

from yutang.payments.actions.asking import PaymentRequest, ask, begin, close
from yutang.payments.actions.refunding import Back, refund, refund_many, retry_refund, send_refunds
from yutang.payments.actions.settling import (
    cancel_in_sandbox,
    follow_payments,
    look_after,
    pay_in_sandbox,
    receive_notice,
)

__all__ = [
    "Back",
    "PaymentRequest",
    "ask",
    "begin",
    "cancel_in_sandbox",
    "close",
    "follow_payments",
    "look_after",
    "pay_in_sandbox",
    "receive_notice",
    "refund",
    "refund_many",
    "retry_refund",
    "send_refunds",
]
