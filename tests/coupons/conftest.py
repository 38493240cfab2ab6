"""Kinds of coupons, people to have them, and the code of a coupon."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import NOW
from yutang.coupons import actions, queries
from yutang.coupons.actions import Terms
from yutang.foundation.access import Actor

SYSTEM = Actor.system()
TWENTY = Terms(name="新客立减20元", code="welcome20", gives="amount", amount_minor=2_000, pieces=100, valid_days=30)


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


def kind(**parts: Any) -> str:
    """Make a kind, changed in some parts, and return its short name."""
    made = actions.create_kind(actor=SYSTEM, terms=replace(TWENTY, **parts), now=NOW)
    return queries.kind_view(access=SYSTEM, kind_id=made).code


def people(n: int, *, store: Any = None) -> list[int]:
    """Make people and return their keys."""
    from yutang.customers.models import Customer
    from yutang.foundation.sealing import seal

    sealed = seal({"name": "张三"})
    rows = [Customer(sealed_profile=sealed, store=store, first_seen_at=NOW) for _ in range(n)]
    return [one.pk for one in Customer.objects.bulk_create(rows)]


def give(code: str, customer_id: int, *, key: str = "", now: Any = NOW, actor: Actor = SYSTEM, **more: Any) -> int:
    """Give a person a coupon and return it."""
    own = key or f"k{customer_id}:{now.isoformat()}"
    return actions.give_coupon(actor=actor, kind=code, customer_id=customer_id, key=own, now=now, **more)


def code_of(coupon_id: int) -> str:
    """Return the code of a coupon."""
    return actions.show_code(actor=SYSTEM, coupon_id=coupon_id, now=NOW)


def state_of(coupon_id: int, *, now: Any = NOW) -> str:
    """Return what became of a coupon."""
    return queries.coupon_view(access=SYSTEM, coupon_id=coupon_id, now=now).state


def given_of(code: str) -> int:
    """Return how many pieces count against a kind's budget."""
    return queries.kind_named(access=SYSTEM, code=code).given
