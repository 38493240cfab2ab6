"""What the room refuses, and what the caller can do about it."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchPayment(DomainError):
    """There is none."""

    code: ClassVar[str] = "no_such_payment"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no payment %(payment)s.")


class NoWayToPay(DomainError):
    """Nothing is set up by which one could pay."""

    code: ClassVar[str] = "no_way_to_pay"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "There is no way to pay yet: set up WeChat Pay (docs/payments.md), or open the cashier for trying out in the settings."
    )


class PaymentIsWrong(DomainError):
    """A part of what is asked for cannot be this."""

    code: ClassVar[str] = "payment_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "This cannot be asked for: an amount lies from 0.01 to 1,000,000 yuan, and a key, a purpose and a subject are needed."
    )


class PaymentKeyIsTaken(DomainError):
    """The idempotency key was used for another payment."""

    code: ClassVar[str] = "payment_key_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The key %(key)s was used for another payment. Take a new key for each.")


class PaymentIsOver(DomainError):
    """It cannot be paid any more."""

    code: ClassVar[str] = "payment_is_over"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "This can no longer be paid: its time is over, or it was cancelled. Nothing was charged."
    )


class PaymentIsNotPaid(DomainError):
    """Only what was paid can be given back."""

    code: ClassVar[str] = "payment_is_not_paid"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Payment %(payment)s was not paid, so nothing can be given back.")


class RefundIsTooMuch(DomainError):
    """More would go back than was paid."""

    code: ClassVar[str] = "refund_is_too_much"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Of payment %(payment)s at most %(left_minor)s can still be given back.")


class AmountDiffers(DomainError):
    """The provider tells of another amount than was asked for."""

    code: ClassVar[str] = "payment_amount_differs"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The provider tells that %(told_minor)s %(currency)s were paid, and %(amount_minor)s were asked for. A person must look."
    )


class NoticeIsRefused(DomainError):
    """A notice came for an adapter that is not set up."""

    code: ClassVar[str] = "payment_notice_is_refused"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("No such way to pay is set up here.")
