"""People who ask, and asks of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.conftest import NOW
from yutang.foundation.access import Actor
from yutang.risk.actions import judge, weave_traces
from yutang.risk.asks import Ask, Judgement

SYSTEM = Actor.system()


def people(n: int, *, days: int = 0, store: Any = None) -> list[int]:
    """Make people who have been known for so many days, and return their keys."""
    from yutang.customers.models import Customer
    from yutang.foundation.sealing import seal

    sealed, since = seal({"name": "张三"}), NOW - timedelta(days=days)
    rows = [Customer(sealed_profile=sealed, store=store, first_seen_at=since) for _ in range(n)]
    return [one.pk for one in Customer.objects.bulk_create(rows)]


def ask(person_id: int | None, *, at: datetime = NOW, key: str = "", **parts: Any) -> Judgement:
    """Let a person ask for a seat, or for what the parts say."""
    kind = parts.pop("kind", "seat")
    own = key or f"{kind}:{person_id}:{at.isoformat()}"
    return judge(actor=SYSTEM, ask=Ask(kind=kind, key=own, person_id=person_id, **parts), now=at)


def weave(now: datetime = NOW) -> None:
    """Weave everything that was asked into the web of ties."""
    while weave_traces(actor=SYSTEM, now=now):
        pass


def sell(person_id: int, n: int = 1) -> None:
    """Let a person have bought so often."""
    from yutang.orders.models import Order, OrderStatus, Shop

    shop, _made = Shop.objects.get_or_create(platform="till", name="线下")
    Order.objects.bulk_create(
        Order(shop=shop, number=f"{person_id}-{at}", customer_id=person_id, status=OrderStatus.COMPLETED, currency="CNY",
              content_digest=b"0" * 16)
        for at in range(n)
    )  # fmt: skip
