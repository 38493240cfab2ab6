"""Orders whose time of keeping is over go whole, where a setting says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.importing import NOW, import_text
from tests.orders.kept_orders import known, line, order, part_of, refund
from yutang.config import env
from yutang.config.env import OrdersGoTooSoon
from yutang.foundation import arrival_months, bulk
from yutang.foundation.access import Actor
from yutang.foundation.invariants import all_invariants, seen
from yutang.foundation.jobs import enqueue, run_inline
from yutang.foundation.models import AuditEntry
from yutang.ingest import actions
from yutang.ingest.lake_sync import sync_lake
from yutang.ingest.models import BeforeImage, TouchedPartition
from yutang.kit.errors import DomainError
from yutang.orders import keeping
from yutang.orders.arrivals import ORDERS, make_order_months
from yutang.orders.keeping import Gone, forget_older_orders, forget_older_refunds, forget_what_was
from yutang.orders.models import Order, OrderLine, OrderStatus, Refund, Shop
from yutang.orders.tasks import forget_months_of_orders


@pytest.mark.usefixtures("today")
@pytest.mark.django_db(transaction=True)
class TestForgetting:
    @pytest.fixture(autouse=True)
    def _orders(self, shop: Shop) -> Iterator[None]:
        for number, day in (
            ("old", "2022-12-31"),
            ("older", "2019-07-01"),
            ("kept", "2023-03-01"),
            ("new", "2026-03-10"),
        ):
            line(order(shop, number, day=day))
        line(order(shop, "undated", day=None, status=OrderStatus.SHELL))
        given_back = order(shop, "given back lately", day="2023-02-28")
        refund(shop, "r-new", day="2023-03-05", order=given_back)
        refund(shop, "r-old", day="2023-01-05", order=Order.objects.get(number="old"))
        refund(shop, "r-alone", day="2022-01-05")
        TouchedPartition.objects.all().delete()
        yield
        for model in (Refund, OrderLine, Order):
            model._default_manager.all().delete()

    def run(self) -> dict[str, int]:
        return dict(run_inline(enqueue(forget_months_of_orders, {}, now=NOW)))

    def left(self) -> set[str]:
        return set(Order.objects.values_list("number", flat=True))

    def test_never_happens_without_the_setting(self) -> None:
        assert forget_older_orders(actor=Actor.system(), after=0, now=NOW) == Gone(None)
        assert forget_older_refunds(actor=Actor.system(), now=NOW) == 0
        assert len(self.left()) == 6
        assert not AuditEntry.objects.filter(action="orders.forget_months").exists()

    def test_takes_orders_whole_and_keeps_what_is_not_over(self, settings: Any) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36

        assert self.run() == {"orders": 2, "refunds": 2, "parts": 0}

        assert self.left() == {"kept", "new", "undated", "given back lately"}
        assert OrderLine.objects.count() == 3
        assert set(Refund.objects.values_list("number", flat=True)) == {"r-new"}
        assert self.run() == {"orders": 0, "refunds": 0, "parts": 0}

    def test_is_told_to_the_lake_and_the_audit_log(self, settings: Any) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36

        self.run()

        touched = set(TouchedPartition.objects.values_list("table", "partition"))
        assert touched == {
            ("orders_order", "2022-12"), ("orders_order", "2019-07"), ("orders_line", "2022-12"), ("orders_line", "2019-07"),
            ("orders_refund", "2023-01"), ("orders_refund", "2022-01"),
        }  # fmt: skip
        told = [entry.detail for entry in AuditEntry.objects.filter(action="orders.forget_months").order_by("id")]
        assert told == [
            {"months": ["2019-07", "2022-12", "2023-01"], "orders": 2, "refunds": 1, "kept_from": "2023-03-01"},
            {"months": ["2022-01"], "orders": 0, "refunds": 1, "kept_from": "2023-03-01"},
        ]

    def test_goes_through_many_in_parts(self, settings: Any, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36
        monkeypatch.setattr(keeping, "_OVER", keeping._OVER.replace("LIMIT 5000", "LIMIT 3"))
        for n in range(10):
            order(shop, f"many {n}", day="2018-01-01")

        assert self.run()["orders"] == 12
        assert AuditEntry.objects.filter(action="orders.forget_months").count() == 5

    def test_the_lake_follows_and_every_checker_holds(self, settings: Any, tmp_path: Path) -> None:
        settings.YUTANG_LAKE = tmp_path / "lake"
        header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        sold = "53636{n},71053,LANTERN,6.0,{year}-12-01 08:26:00,3.39,1785{n}.0,UK\n"
        back = "C5363{n},71053,LANTERN,-6.0,2010-12-03 08:26:00,3.39,1785{n}.0,UK\n"
        rows = [sold.format(n=n, year=2010 + 5 * n) for n in range(4)] + [back.format(n=0)]
        Refund.objects.all().delete()
        OrderLine.objects.all().delete()
        Order.objects.all().delete()
        import_text(tmp_path, header + "".join(rows))
        sync_lake(now=NOW)
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36

        assert self.run() == {"orders": 3, "refunds": 1, "parts": 0}

        sync_lake(now=NOW)
        assert self.left() == {"536363"}
        broken = {one.name: found.where for one in all_invariants() if (found := seen(one)).broken}
        assert broken == {}

    def test_what_an_import_brings_meanwhile_is_kept(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36
        old, older = (Order.objects.get(number=number) for number in ("old", "older"))

        def bring(work: str) -> None:
            assert work == "import"
            refund(old.shop, "r-today", day="2026-03-10", order=old)
            Order.objects.filter(pk=older.pk).update(business_date=date(2026, 3, 1))

        monkeypatch.setattr(bulk, "one_at_a_time", bring)

        gone = forget_older_orders(actor=Actor.system(), after=0, now=NOW)

        assert (gone.orders, gone.refunds) == (0, 0)
        assert {"old", "older"} <= self.left()
        assert not AuditEntry.objects.filter(action="orders.forget_months").exists()

    def test_what_an_undo_would_write_back_goes_too(self, settings: Any, tmp_path: Path) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36
        header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        row = "536365,71053,LANTERN,6.0,2010-12-01 08:26:00,3.39,17850.0,UK\n"
        import_text(tmp_path, header + row)
        view = import_text(tmp_path, header + row + row.replace("71053,LANTERN", "71054,LAMP"), name="more.csv")
        assert BeforeImage.objects.filter(table="orders_order").exists()

        self.run()

        assert not BeforeImage.objects.filter(table="orders_order").exists()
        actions.undo_import(actor=Actor.system(), import_id=view.id, now=NOW)
        assert "536365" not in self.left()

    def test_parts_without_an_order_go_but_for_the_last_ones(
        self, parts: None, settings: Any, shop: Shop, today: Callable[[date], None]
    ) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36
        Order.objects.filter(number__in=("kept", "new")).update(business_date=date(2019, 1, 1))
        Order.objects.filter(number__in=("undated", "given back lately")).update(business_date=date(2019, 1, 1))
        Refund.objects.all().delete()
        # Nobody has made the months: new orders still lie in the first of them, which stays.
        today(date(2026, 6, 11))
        assert self.run() == {"orders": 6, "refunds": 0, "parts": 0}

        make_order_months(now=NOW)
        assert self.run()["parts"] == 2

        assert [part.month for part in arrival_months.parts_of(ORDERS)][:3] == [
            None,
            date(2026, 5, 1),
            date(2026, 6, 1),
        ]
        assert part_of(order(shop, "next").pk) == "orders_order_2026_06"
        assert {number for _key, number in known()} == {"next"}

    @pytest.mark.parametrize("written", ["1", "35", "-36", "36.5", "x", "1201"])
    def test_no_fewer_months_than_the_law_wants(self, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_KEEP_ORDERS_MONTHS", written)

        with pytest.raises(OrdersGoTooSoon, match="three years"):
            env.months_of_orders("YUTANG_KEEP_ORDERS_MONTHS")

    @pytest.mark.parametrize(("written", "read"), [("", 0), ("0", 0), ("36", 36), (" 120 ", 120)])
    def test_all_of_them_or_so_many(self, written: str, read: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("YUTANG_KEEP_ORDERS_MONTHS", written)

        assert env.months_of_orders("YUTANG_KEEP_ORDERS_MONTHS") == read

    def test_is_for_who_may_erase(self, settings: Any) -> None:
        settings.YUTANG_KEEP_ORDERS_MONTHS = 36
        nobody = Actor(staff_id=1, role="own-1", store_ids=None, label="店员", granted=frozenset())

        for forget in (
            lambda: forget_older_orders(actor=nobody, after=0, now=NOW),
            lambda: forget_older_refunds(actor=nobody, now=NOW),
            lambda: forget_what_was(actor=nobody),
        ):
            with pytest.raises(DomainError):
                forget()
