"""A cashier that is open, and payments to be made there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import NOW
from yutang.foundation.access import Actor
from yutang.foundation.actions import change_setting
from yutang.payments import actions
from yutang.payments.actions import PaymentRequest
from yutang.payments.models import Payment
from yutang.payments.organisation import SANDBOX_IS_OPEN

SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


@pytest.fixture
def cashier(db: None) -> None:
    """The cashier for trying out is open."""
    open_cashier()


def open_cashier() -> None:
    """Open the cashier for trying out."""
    change_setting(actor=SYSTEM, key=SANDBOX_IS_OPEN, value=True, now=NOW)


def ask(key: str = "k", *, amount: int = 9_900, purpose: str = "test:1", now: Any = NOW, **more: Any) -> Payment:
    """Ask for a payment and return it."""
    request = PaymentRequest(key=key, purpose=purpose, amount_fen=amount, subject="九块九体验", **more)
    return Payment.objects.get(pk=actions.ask(actor=SYSTEM, request=request, now=now))


def pay(payment: Payment, *, now: Any = NOW) -> Payment:
    """Pay at the cashier, and return the payment as it is then."""
    actions.pay_in_sandbox(actor=SYSTEM, number=payment.number, now=now)
    payment.refresh_from_db()
    return payment
