"""Bulk calls: one import each, with its counts, its kept rows, its undo."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.conftest import Program
from tests.api.test_problems import assert_problem
from tests.importing import Watcher, adds_up, store_content
from yutang.customers.models import Customer
from yutang.foundation.access import Actor
from yutang.foundation.models import Store
from yutang.ingest import queries
from yutang.ingest.models import Import
from yutang.ingest.running import run
from yutang.orders.models import Order, OrderLine, OrderStatus


def order(number: int, **more: Any) -> dict[str, Any]:
    return {
        "order_number": f"W{number:06d}",
        "ordered_at": f"2026-03-01T10:{number % 60:02d}:00+08:00",
        "status": "paid",
        "customer_phone": f"1455000{number % 50:04d}",
        "customer_name": "李静",
        "store_code": "SH01",
        "lines": [
            {"product_code": "P1", "product_name": "纯棉上衣", "quantity": 2, "unit_price": 12.9},
            {"product_code": "P2", "product_name": "帽子", "quantity": 1, "unit_price": "59.00"},
        ],
        **more,
    }


def finish(answer: Any, now: Any) -> Any:
    """Do the import that a call asked for, and return what became of it."""
    assert answer.status_code == 202, answer.content
    run(import_id=answer.json()["id"], watcher=Watcher(), clock=lambda: now)
    return queries.import_view(access=Actor.system(), import_id=answer.json()["id"])


@pytest.mark.django_db
@pytest.mark.usefixtures("no_kept_files")
class TestOrders:
    def test_come_in_through_an_import(self, owner_program: Program, stores: Any, now: Any) -> None:
        answer = owner_program.post("/orders/bulk", {"rows": [order(n) for n in range(120)]})
        view = finish(answer, now)

        assert answer.headers["Location"] == f"/api/v1/imports/{answer.json()['id']}"
        assert answer.json()["status"] == "waiting"
        assert (view.status, view.counts["read"], view.counts["new"]) == ("done", 240, 240)
        assert adds_up(view)
        assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (120, 240, 50)
        first = Order.objects.order_by("number")[0]
        assert (first.total_minor, first.status, first.store_id) == (8480, OrderStatus.PAID, stores["xuhui"].pk)
        assert first.business_date.isoformat() == "2026-03-01"
        assert owner_program.get("/orders?number=W000000").json()["items"][0]["status"] == "paid"

    @pytest.mark.parametrize("status", ["placed", "paid", "shipped", "completed", "cancelled", "refunded"])
    def test_have_the_status_that_they_say(self, owner_program: Program, now: Any, status: str) -> None:
        finish(owner_program.post("/orders/bulk", {"rows": [order(1, status=status)]}), now)

        assert Order.objects.get().status == OrderStatus[status.upper()]

    def test_may_come_without_lines(self, owner_program: Program, now: Any) -> None:
        row = {name: value for name, value in order(1).items() if name != "lines"}

        view = finish(owner_program.post("/orders/bulk", {"rows": [{**row, "total_amount": 99.5}]}), now)

        assert view.counts["new"] == 1
        assert Order.objects.get().total_minor == 9950

    def test_again_change_nothing(self, owner_program: Program, now: Any) -> None:
        body = {"rows": [order(n) for n in range(30)]}
        finish(owner_program.post("/orders/bulk", body), now)
        before = store_content()

        view = finish(owner_program.post("/orders/bulk", body), now)

        assert (view.counts["new"], view.counts["updated"]) == (0, 0)
        assert store_content() == before

    def test_that_cannot_be_taken_are_kept_and_shown(self, owner_program: Program, now: Any) -> None:
        rows = [order(1), order(2, ordered_at="2026-13-40"), order(3, lines=[{"product_code": "P1", "quantity": 1}])]

        view = finish(owner_program.post("/orders/bulk", {"rows": rows}), now)

        assert (view.counts["read"], view.counts["quarantined"]) == (5, 3)
        kept = owner_program.get(f"/imports/{view.id}/rows").json()["items"]
        assert [row["row"] for row in kept] == [2, 3, 4]
        assert {"column": "order_number", "value": "W000002"} in kept[0]["cells"]
        assert kept[0]["reason"].startswith("Row 2,")
        assert Order.objects.count() == 1

    def test_are_undone_as_a_whole(self, owner_program: Program, now: Any) -> None:
        before = store_content()
        view = finish(owner_program.post("/orders/bulk", {"rows": [order(n) for n in range(30)]}), now)

        answer = owner_program.post(f"/imports/{view.id}/undo")

        assert (answer.status_code, answer.json()["status"]) == (200, "undone")
        assert Order.objects.count() == 0
        assert store_content()["orders_order"] == before["orders_order"]

    def test_tell_which_stores_they_made_and_take_back_those_that_nothing_else_uses(
        self, owner_program: Program, stores: Any, now: Any
    ) -> None:
        first = [order(1, store_code="NOPE"), order(2, store_code="OOPS"), order(3)]
        view = finish(owner_program.post("/orders/bulk", {"rows": first}), now)
        finish(
            owner_program.post("/customers/bulk", {"rows": [{"customer_member_no": "M1", "store_code": "OOPS"}]}), now
        )

        told = owner_program.get(f"/imports/{view.id}").json()["new_stores"]
        undone = owner_program.post(f"/imports/{view.id}/undo")

        assert told == [{"code": "NOPE", "name": "NOPE"}, {"code": "OOPS", "name": "OOPS"}]
        assert undone.json()["status"] == "undone", undone.content
        codes = set(Store.objects.values_list("code", flat=True))
        assert "NOPE" not in codes
        assert {"OOPS", *(store.code for store in stores.values())} <= codes
        assert undone.json()["new_stores"] == []

    def test_a_store_that_somebody_placed_stays(self, owner_program: Program, stores: Any, now: Any) -> None:
        view = finish(owner_program.post("/orders/bulk", {"rows": [order(1, store_code="NEW1")]}), now)
        Store.objects.filter(code="NEW1").update(latitude=31.2, longitude=121.4)

        owner_program.post(f"/imports/{view.id}/undo")

        assert Store.objects.filter(code="NEW1").exists()

    def test_cells_may_hold_anything_that_text_can(self, owner_program: Program, now: Any) -> None:
        odd = '棉,"衣"\n第二行\t=SUM(A1)\x00 🐟'

        view = finish(
            owner_program.post("/orders/bulk", {"rows": [order(1, customer_name=odd, channel='"'), order(2)]}), now
        )

        assert (view.status, view.counts["new"]) == ("done", 4)

    def test_of_two_shops_do_not_meet(self, owner_program: Program, now: Any) -> None:
        finish(owner_program.post("/orders/bulk", {"rows": [order(1)], "platform": "taobao", "shop_name": "一店"}), now)
        finish(owner_program.post("/orders/bulk", {"rows": [order(1)], "platform": "taobao", "shop_name": "二店"}), now)

        found = owner_program.get("/orders?number=W000001").json()["items"]
        assert {(one["platform"], one["shop_name"]) for one in found} == {("taobao", "一店"), ("taobao", "二店")}


@pytest.mark.django_db
@pytest.mark.usefixtures("no_kept_files")
class TestCustomers:
    def test_come_in_through_an_import(self, owner_program: Program, stores: Any, now: Any) -> None:
        rows = [
            {
                "customer_member_no": f"M{n}",
                "customer_name": "李静",
                "store_code": "SH01",
                "is_member": True,
                "tags": "老客",
            }
            for n in range(40)
        ]

        view = finish(owner_program.post("/customers/bulk", {"rows": [*rows, {"customer_name": "无名"}]}), now)

        assert (view.counts["new"], view.counts["quarantined"]) == (40, 1)
        assert Customer.objects.filter(store=stores["xuhui"]).count() == 40
        assert "老客" in [tag["name"] for tag in owner_program.get("/customers?sort=newest").json()["items"][0]["tags"]]


@pytest.mark.django_db
@pytest.mark.usefixtures("no_kept_files")
class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({}, "rows"),
            ([], "body"),
            ({"rows": []}, "rows"),
            ({"rows": {}}, "rows"),
            ({"rows": [1]}, "rows.0"),
            ({"rows": [order(1), order(2, colour="red")]}, "rows.1.lines.0.colour"),
            ({"rows": [order(1, lines=[])]}, "rows.0.lines"),
            ({"rows": [order(1, lines="many")]}, "rows.0.lines"),
            ({"rows": [order(1, customer_name={"first": "静"})]}, "rows.0.lines.0.customer_name"),
            ({"rows": [order(1, customer_name="x" * 2_001)]}, "rows.0.lines.0.customer_name"),
            ({"rows": [order(1)], "actor_id": 1}, "actor_id"),
            ({"rows": [order(1)], "platform": "Tao Bao"}, "platform"),
        ],
    )
    def test_say_where(self, owner_program: Program, body: Any, where: str) -> None:
        told = assert_problem(owner_program.post("/orders/bulk", body), 422, "input_is_wrong")

        assert told["data"]["where"] == where
        assert Import.objects.count() == 0

    @pytest.mark.parametrize(
        ("head", "code"),
        [({"currency": "XXQ"}, "currency_is_unknown"), ({"time_zone": "Mars/One"}, "time_zone_is_unknown")],
    )
    def test_of_unknown_places(self, owner_program: Program, head: dict[str, str], code: str) -> None:
        answer = owner_program.post("/orders/bulk", {"rows": [order(1)], **head})

        assert answer.json()["code"] == code
        assert 400 <= answer.status_code < 500

    def test_of_too_many_rows(self, owner_program: Program) -> None:
        rows = [{"customer_member_no": str(n)} for n in range(10_001)]

        answer = owner_program.post("/customers/bulk", {"rows": rows}, Accept_Language="zh-hans")

        assert_problem(answer, 413, "body_is_too_large")
        assert "最多接收 10000 行" in answer.json()["detail"]

    def test_of_too_large_a_body(self, owner_program: Program, monkeypatch: Any) -> None:
        monkeypatch.setattr("yutang.api.rooms.bulk.MOST_BYTES", 1_000)

        answer = owner_program.post("/customers/bulk", {"rows": [{"customer_name": "x" * 1_000}]})

        assert_problem(answer, 413, "body_is_too_large")

    def test_of_who_reaches_single_stores(self, service_of: Any, stores: Any) -> None:
        program = service_of("imports.run", "imports.view", store_codes=["SH01"])

        assert_problem(program.post("/orders/bulk", {"rows": [order(1)]}), 403, "reach_is_not_whole")

    def test_take_more_than_a_form(self, owner_program: Program) -> None:
        body = {"rows": [{"customer_member_no": str(n), "note": "x" * 500} for n in range(6_000)]}

        assert len(json.dumps(body)) > 3_000_000
        assert owner_program.post("/customers/bulk", body).status_code == 202
