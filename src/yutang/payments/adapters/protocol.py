"""What a way to pay can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from yutang.payments.models import Payment, Refund


@dataclass(frozen=True)
class Way:
    """How the payer goes on.

    Attributes:
        kind: ``cashier`` (the page of the payment itself), ``address`` (lead there), ``code`` (show as a QR code) or ``script``
            (for WeChat's script).
        value: the address or the text of the code.
        script: what WeChat's script takes.
    """

    kind: str
    value: str = ""
    script: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """What a provider tells of a payment or a refund.

    Attributes:
        number: ours.
        state: ``paid``, ``open`` or ``closed``; of refunds ``done``, ``open`` or ``failed``.
        amount_minor: total of the payment, or amount of the refund.
        payer: paying account in the clear; empty: not told.
        at: when it was paid or given back. Aware; None: not told.
    """

    number: str
    state: str
    amount_minor: int
    currency: str
    external_id: str = ""
    payer: str = ""
    at: datetime | None = None
    is_refund: bool = False


class Adapter(Protocol):
    """A way to pay. Calls go over the network: never within a transaction."""

    name: ClassVar[str]

    def begin(self, payment: Payment, *, scene: str, payer: str, address: str) -> Way:
        """Return how the payer goes on.

        Args:
            payment: what is paid.
            scene: ``wechat`` (within WeChat), ``phone`` or ``desk``.
            payer: account within WeChat; empty: not known.
            address: network address of the payer.
        """

    def look(self, payment: Payment) -> Notice:
        """Return how a payment stands with the provider."""

    def close(self, payment: Payment) -> None:
        """Let it be paid no more."""

    def refund(self, refund: Refund) -> Notice:
        """Give money back, or tell how that stands; under one number once."""

    def notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Return what a push tells, after a look at who signed it."""
