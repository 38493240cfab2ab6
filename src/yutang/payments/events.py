"""What the room of payments tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paid:
    """A payment came in.

    Attributes:
        payment_id: the payment.
        key: key under which it was asked for.
        purpose: what for, such as ``groupbuy-seat:55``.
        amount_minor: in minor units of `currency`.
    """

    payment_id: int
    key: str
    purpose: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Refunded:
    """Money went back.

    Attributes:
        payment_id: the payment.
        refund_id: the refund.
        key: key under which the payment was asked for.
        purpose: what the payment was for.
        amount_minor: what went back. Minor units.
        reason: why, in a word of the code.
    """

    payment_id: int
    refund_id: int
    key: str
    purpose: str
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True)
class Failed:
    """A payment was not paid in time, or given up.

    Attributes:
        payment_id: the payment.
        key: key under which it was asked for.
        purpose: what for.
    """

    payment_id: int
    key: str
    purpose: str
