"""A stated programme and people to come through it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import NOW
from yutang.economics import actions
from yutang.economics.actions import Statement
from yutang.economics.methods.verdicts import Organic
from yutang.foundation.access import Actor

SYSTEM = Actor.system()
KEY = "referral:7"
ORGANIC = Organic(newcomers=300, kept=252, left_at_once=15, ordered=54)


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Any) -> None:
    """A lake of the test's own."""
    settings.YUTANG_LAKE = tmp_path / "lake"


def stated(**parts: Any) -> str:
    """State a programme of 15 yuan a newcomer, 40 a kept one, and 7,500 in all, changed in some parts; return its key."""
    columns = {
        "title": "真丝方巾",
        "unit_cost_fen": 1_500,
        "budget_fen": 750_000,
        "worth_fen": 4_000,
        "organic": ORGANIC,
    }
    statement = Statement(**{"programme": KEY, **columns, **parts})
    actions.state(actor=SYSTEM, programme=statement, now=NOW)
    return statement.programme


def people(n: int) -> list[int]:
    """Make people and return their keys."""
    from yutang.customers.models import Customer
    from yutang.foundation.sealing import seal

    sealed = seal({"name": "张三"})
    rows = [Customer(sealed_profile=sealed, first_seen_at=NOW) for _ in range(n)]
    return [one.pk for one in Customer.objects.bulk_create(rows)]


def come(customer_ids: list[int], *, at: datetime = NOW, cost: int = 1_500, key: str = KEY) -> None:
    """Let people come, a minute after each other, each at a cost."""
    for n, person in enumerate(customer_ids):
        now = at + timedelta(minutes=n)
        note("joined", f"came:{person}", customer_id=person, now=now, key=key)
        if cost:
            note("cost", f"gift:{person}", amount_fen=cost, customer_id=person, now=now, key=key)


def note(kind: str, own: str, *, key: str = KEY, now: datetime = NOW, **parts: Any) -> bool:
    """Write a line into the ledger."""
    return actions.note(actor=SYSTEM, programme=key, kind=kind, key=own, now=now, **parts)


def look(*, key: str = KEY, now: datetime = NOW) -> Any:
    """Look at the programme."""
    return actions.look_at(actor=SYSTEM, programme=key, now=now)


def deliver(*, now: datetime = NOW) -> None:
    """Deliver every event that waits."""
    from django.utils.module_loading import autodiscover_modules

    from yutang.foundation.models import OutboxEvent
    from yutang.foundation.outbox import _deliver

    autodiscover_modules("handlers")
    for event_id in list(OutboxEvent.objects.filter(delivered_at=None).order_by("id").values_list("pk", flat=True)):
        _deliver(event_id, now=now)


def order(customer_id: int, *, at: datetime, total: int, number: str = "A1", **parts: Any) -> Any:
    """Write a completed order of a person."""
    from yutang.orders.models import Order, Shop

    shop, _made = Shop.objects.get_or_create(platform="own", name="店")
    columns = {
        "status": 40,
        "currency": "CNY",
        "placed_at": at,
        "business_date": at.date(),
        "total_minor": total,
        **parts,
    }
    return Order.objects.create(shop=shop, number=number, customer_id=customer_id, content_digest=b"0" * 16, **columns)
