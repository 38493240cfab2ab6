"""People with a prepaid balance."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import NOW
from tests.coupons.conftest import people
from yutang.foundation.access import Actor
from yutang.membership import actions, queries
from yutang.membership.views import Balance, Receipt

__all__ = ["people"]
SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


def paid_in(customer_id: int, principal: int = 500_000, bonus: int = 50_000, *, key: str = "", **more: Any) -> Receipt:
    """Top up a balance: 5,000 yuan and 500 on top."""
    own = {"actor": SYSTEM, "store_id": None, "method": "card", "now": NOW, **more}
    return actions.top_up(
        key=key or f"t{customer_id}", customer_id=customer_id, principal_fen=principal, bonus_fen=bonus, **own
    )


def spent(customer_id: int, amount: int, *, key: str = "s", **more: Any) -> Receipt:
    """Pay with a balance."""
    own = {"actor": SYSTEM, "store_id": None, "now": NOW, **more}
    return actions.spend(key=key, customer_id=customer_id, amount_fen=amount, **own)


def refunded(customer_id: int, amount: int, *, key: str = "r", **more: Any) -> Receipt:
    """Pay principal out."""
    own = {"actor": SYSTEM, "store_id": None, "method": "cash", "reason": "moves away", "now": NOW, **more}
    return actions.refund_principal(key=key, customer_id=customer_id, amount_fen=amount, **own)


def left(customer_id: int) -> tuple[int, int]:
    """Return principal and bonus of a person."""
    balance: Balance = queries.balance_of(access=SYSTEM, customer_id=customer_id)
    return balance.principal_minor, balance.bonus_minor
