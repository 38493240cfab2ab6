"""What tests of orders by month begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connection, transaction

from tests.importing import NOW
from yutang.foundation import arrival_months
from yutang.foundation.bulk import execute, fetch
from yutang.orders import arrivals, keeping
from yutang.orders.arrivals import ORDERS
from yutang.orders.models import Shop


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop.objects.create(platform="taobao", name="鱼塘")


@pytest.fixture
def postgresql(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps tables by month: make test-postgres")


@pytest.fixture
def parts(postgresql: None) -> Iterator[None]:
    """The parts as they were, afterwards."""
    before = {part.name: part.month for part in arrival_months.parts_of(ORDERS)}
    ((counted,),) = fetch("SELECT last_value FROM orders_order_id_seq")
    yield
    for table in ("orders_refund", "orders_orderline", "orders_order"):
        execute(f"DELETE FROM {table}")
    after = {part.name for part in arrival_months.parts_of(ORDERS)}
    for name in after - set(before):
        execute(f"ALTER TABLE orders_order DETACH PARTITION {name}")
        execute(f"DROP TABLE {name}")
    for name in set(before) - after:
        month = before[name]
        assert month is not None
        with transaction.atomic():
            arrival_months._make_month(ORDERS, month)
    execute("SELECT setval('orders_order_id_seq', %s)", [counted])


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Lets jobs believe that it is another day."""

    def be(day: date) -> None:
        for module in (arrivals, keeping):
            monkeypatch.setattr(module, "today_of", lambda now: day)

    be(NOW.date())
    return be
