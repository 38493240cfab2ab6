"""The cashier to try everything on: a page on which one says "paid" or "not"; no money moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from yutang.payments.adapters.protocol import Notice, Way
from yutang.payments.models import Payment, Refund, State
from yutang.payments.refusals import NoticeIsRefused

_STATES = {State.ASKED: "open", State.PAID: "paid", State.CLOSED: "closed"}


class Sandbox:
    """The adapter of the cashier."""

    name: ClassVar[str] = "sandbox"

    def begin(self, payment: Payment, *, scene: str, payer: str, address: str) -> Way:
        """Return the page of the payment itself."""
        return Way("cashier")

    def look(self, payment: Payment) -> Notice:
        """Return what this installation knows: there is nobody else to ask."""
        return Notice(payment.number, _STATES[State(payment.state)], payment.amount_minor, payment.currency)

    def close(self, payment: Payment) -> None:
        """Do nothing: the page looks at the payment itself."""

    def refund(self, refund: Refund) -> Notice:
        """Tell that it is done."""
        return Notice(
            refund.number, "done", refund.amount_minor, refund.payment.currency, f"sandbox-{refund.number[:12]}",
            at=datetime.now(UTC), is_refund=True,
        )  # fmt: skip

    def notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Refuse: nobody pushes."""
        raise NoticeIsRefused
