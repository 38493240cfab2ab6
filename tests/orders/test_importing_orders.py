"""From rows to orders: nothing twice, nothing lost, counts that add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.importing import NOW, adds_up, import_text, store_content
from yutang.foundation.access import Actor
from yutang.ingest import actions, refusals
from yutang.ingest.models import QuarantinedRow
from yutang.ingest.rehearsal import dry_run_import
from yutang.orders.models import Order, OrderLine, OrderStatus, Refund

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
TWO_ORDERS = (
    HEADER
    + "536365,85123A,HOLDER,6.0,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    + "536365,71053,LANTERN,6.0,2010-12-01 08:26:00,3.39,17850.0,United Kingdom\n"
    + "536366,71053,LANTERN,2.0,2010-12-02 09:00:00,3.39,13047.0,United Kingdom\n"
)


class TestAFirstImport:
    def test_brings_orders_lines_and_people(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, TWO_ORDERS)

        assert view.counts == {"read": 3, "new": 3, "updated": 0, "unchanged": 0, "quarantined": 0, "ignored": 0}
        assert Order.objects.count() == 2
        assert OrderLine.objects.count() == 3
        assert Order.objects.get(number="536365").total_minor == 6 * 255 + 6 * 339
        assert len(set(Order.objects.values_list("customer_id", flat=True))) == 2
        assert view.amounts["read"] == view.amounts["imported"] == 6 * 255 + 8 * 339

    def test_keeps_the_business_day_of_the_shop(self, tmp_path: Path) -> None:
        import_text(tmp_path, TWO_ORDERS, time_zone="Asia/Shanghai")

        order = Order.objects.get(number="536365")
        assert str(order.business_date) == "2010-12-01"
        assert order.placed_at is not None
        assert order.placed_at.isoformat() == "2010-12-01T00:26:00+00:00"


class TestTheSameAgain:
    def test_the_same_file_changes_nothing(self, tmp_path: Path) -> None:
        import_text(tmp_path, TWO_ORDERS)
        before = store_content()

        view = import_text(tmp_path, TWO_ORDERS)

        assert view.counts["unchanged"] == 3
        assert store_content() == before

    def test_shuffled_columns_change_nothing(self, tmp_path: Path) -> None:
        import_text(tmp_path, TWO_ORDERS)
        before = store_content()
        lines = [line.split(",") for line in TWO_ORDERS.splitlines()]
        shuffled = "\n".join(",".join(reversed(line)) for line in lines) + "\n"

        view = import_text(tmp_path, shuffled)

        assert view.counts["unchanged"] == 3
        assert store_content() == before

    def test_an_overlapping_file_adds_only_what_is_new(self, tmp_path: Path) -> None:
        import_text(tmp_path, TWO_ORDERS)
        overlap = TWO_ORDERS + "536367,22633,WARMER,1.0,2010-12-03 09:00:00,1.85,13047.0,United Kingdom\n"

        view = import_text(tmp_path, overlap)

        assert (view.counts["new"], view.counts["unchanged"]) == (1, 3)
        assert Order.objects.count() == 3

    def test_an_order_cut_by_the_end_of_a_file_is_completed_by_the_next(self, tmp_path: Path) -> None:
        first, second = TWO_ORDERS.splitlines(keepends=True)[1:3]
        import_text(tmp_path, HEADER + first)

        view = import_text(tmp_path, HEADER + first + second)

        assert (view.counts["new"], view.counts["unchanged"]) == (1, 1)
        assert Order.objects.get().total_minor == 6 * 255 + 6 * 339

    def test_equal_lines_of_one_order_stay_two(self, tmp_path: Path) -> None:
        line = "536365,85123A,HOLDER,1.0,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
        import_text(tmp_path, HEADER + line + line)

        view = import_text(tmp_path, HEADER + line + line)

        assert OrderLine.objects.count() == 2
        assert view.counts["unchanged"] == 2
        assert Order.objects.get().total_minor == 510


class TestANewerExport:
    HEADER = "订单号,下单时间,订单状态,会员号,实付金额\n"

    def test_an_older_file_once_more_does_not_turn_orders_back(self, tmp_path: Path) -> None:
        paid = self.HEADER + "A1,2026-01-02 10:00:00,已付款,M1,10\n"
        import_text(tmp_path, paid)
        import_text(tmp_path, self.HEADER + "A1,2026-01-02 10:00:00,已完成,M1,10\n")
        before = store_content()

        view = import_text(tmp_path, paid)

        assert (view.counts["updated"], view.counts["unchanged"]) == (0, 1)
        assert store_content() == before

    def test_the_same_bytes_read_by_other_columns_count_as_new(self, tmp_path: Path) -> None:
        text = "号,时,人,原价,实付\nA1,2026-01-02 10:00:00,M1,30,10\n"
        columns = {"order_number": "号", "ordered_at": "时", "customer_member_no": "人"}
        import_text(tmp_path, text, mapping={**columns, "total_amount": "原价"})

        view = import_text(tmp_path, text, mapping={**columns, "total_amount": "实付"})

        assert (view.counts["updated"], Order.objects.get().total_minor) == (1, 1000)

    def test_a_file_whose_import_was_undone_speaks_anew(self, tmp_path: Path) -> None:
        paid = self.HEADER + "A1,2026-01-02 10:00:00,已付款,M1,10\n"
        view = import_text(tmp_path, paid)
        actions.undo_import(actor=Actor.system(), import_id=view.id, now=NOW)
        import_text(tmp_path, paid.replace("已付款", "已完成"))

        assert import_text(tmp_path, paid).counts["updated"] == 1

    def test_updates_a_changed_status(self, tmp_path: Path) -> None:
        import_text(tmp_path, self.HEADER + "A1,2026-01-02 10:00:00,已付款,M1,99.00\n")

        view = import_text(tmp_path, self.HEADER + "A1,2026-01-02 10:00:00,交易成功,M1,99.00\n")

        assert view.counts["updated"] == 1
        assert Order.objects.get().status == OrderStatus.COMPLETED

    def test_an_older_export_does_not_turn_the_status_back(self, tmp_path: Path) -> None:
        import_text(
            tmp_path, self.HEADER + "A1,2026-01-02 10:00:00,交易成功,M1,99.00\n", name="ExportOrderList202601050000.csv"
        )

        view = import_text(
            tmp_path, self.HEADER + "A1,2026-01-02 10:00:00,已付款,M1,99.00\n", name="ExportOrderList202601030000.csv"
        )

        assert view.counts["unchanged"] == 1
        assert Order.objects.get().status == OrderStatus.COMPLETED


class TestDiscountedLines:
    TILL = (
        "小票号,销售时间,会员号,商品名称,数量,单价,{paid}\n"
        "T1,2026-01-02 10:00:00,M1,茶,2,10.00,18.00\n"
        "T1,2026-01-02 10:00:00,M1,杯,1,30.00,30.00\n"
        "T2,2026-01-03 10:00:00,M1,茶,-1,10.00,-9.00\n"
    )

    @pytest.mark.parametrize("paid", ["小计", "实付金额"])
    def test_an_order_of_a_till_is_worth_what_was_paid_for_its_lines(self, tmp_path: Path, paid: str) -> None:
        view = import_text(tmp_path, self.TILL.format(paid=paid))

        order = Order.objects.get()
        assert (order.total_minor, order.refunded_minor) == (4800, 900)
        assert view.amounts["read"] == 2000 + 3000 - 1000
        assert adds_up(view)

    def test_the_same_by_mapping(self, tmp_path: Path) -> None:
        fields = (
            "order_number",
            "ordered_at",
            "customer_member_no",
            "product_name",
            "quantity",
            "unit_price",
            "paid_amount",
        )

        import_text(tmp_path, self.TILL.format(paid="付"), mapping={f: str(n) for n, f in enumerate(fields, 1)})

        assert Order.objects.get().total_minor == 4800


class TestCancellations:
    def test_a_cancellation_line_finds_the_line_it_cancels(self, tmp_path: Path) -> None:
        cancel = "C536400,85123A,HOLDER,-6.0,2010-12-05 10:00:00,2.55,17850.0,United Kingdom\n"

        view = import_text(tmp_path, TWO_ORDERS + cancel)

        refund = Refund.objects.get()
        assert refund.line is not None
        assert refund.order == Order.objects.get(number="536365")
        assert Order.objects.get(number="536365").refunded_minor == 6 * 255
        assert view.amounts["cancelled"] == -6 * 255
        assert not Order.objects.filter(number="C536400").exists()
        assert adds_up(view)

    def test_two_cancellations_do_not_take_one_line_twice(self, tmp_path: Path) -> None:
        cancel = "C53640{n},85123A,HOLDER,-4.0,2010-12-05 10:00:00,2.55,17850.0,United Kingdom\n"

        import_text(tmp_path, TWO_ORDERS + cancel.format(n=1) + cancel.format(n=2))

        assert Refund.objects.filter(line=None).count() == 1
        assert Order.objects.get(number="536365").refunded_minor == 4 * 255

    def test_the_same_cancellation_again_changes_nothing(self, tmp_path: Path) -> None:
        text = TWO_ORDERS + "C536400,85123A,HOLDER,-6.0,2010-12-05 10:00:00,2.55,17850.0,United Kingdom\n"
        import_text(tmp_path, text)
        before = store_content()

        view = import_text(tmp_path, text)

        assert view.counts["unchanged"] == 4
        assert store_content() == before


class TestRowsThatCannotBeTaken:
    BAD = TWO_ORDERS + "536368,22633,WARMER,one,2010-12-03 09:00:00,1.85,13047.0,United Kingdom\n"

    def test_are_kept_with_row_column_and_reason(self, tmp_path: Path) -> None:
        view = import_text(tmp_path, self.BAD)

        row = QuarantinedRow.objects.get()
        assert (row.row_number, row.column) == (5, "Quantity")
        assert view.counts["quarantined"] == 1
        assert adds_up(view)

    def test_of_the_same_file_again_are_not_to_be_mended_twice(self, tmp_path: Path) -> None:
        first = import_text(tmp_path, self.BAD + self.BAD.splitlines()[-1] + "\n")

        second = import_text(tmp_path, self.BAD + self.BAD.splitlines()[-1] + "\n")

        assert first.counts["quarantined"] == second.counts["quarantined"] == 2
        assert QuarantinedRow.objects.filter(status="open").count() == 2

        actions.undo_import(actor=Actor.system(), import_id=second.id, now=NOW)
        actions.undo_import(actor=Actor.system(), import_id=first.id, now=NOW)
        assert not QuarantinedRow.objects.filter(status="open").exists()

    def test_can_be_mended_and_are_then_taken(self, tmp_path: Path) -> None:
        from tests.importing import Watcher
        from yutang.ingest.running import run

        import_text(tmp_path, self.BAD)
        row = QuarantinedRow.objects.get()

        record = actions.mend_rows(actor=Actor.system(), mended={row.pk: {3: "1"}}, now=NOW)
        run(import_id=record.pk, watcher=Watcher(), clock=lambda: NOW)

        row.refresh_from_db()
        assert row.status == "mended"
        assert Order.objects.filter(number="536368").exists()

    def test_a_mended_twin_of_a_taken_line_is_a_second_line(self, tmp_path: Path) -> None:
        from tests.importing import NOW, Watcher
        from yutang.ingest.running import run

        twin = "536365,85123A,HOLDER,x,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
        import_text(tmp_path, TWO_ORDERS + twin)
        row = QuarantinedRow.objects.get()

        record = actions.mend_rows(actor=Actor.system(), mended={row.pk: {3: "6.0"}}, now=NOW)
        run(import_id=record.pk, watcher=Watcher(), clock=lambda: NOW)

        assert Order.objects.get(number="536365").total_minor == 12 * 255 + 6 * 339


class TestMappedColumns:
    def test_an_amount_repeated_on_the_rows_of_an_order_counts_once(self, tmp_path: Path) -> None:
        row = "A1,2026-01-02 10:00:00,M1,{},259\n"
        view = import_text(tmp_path, "订单号,下单时间,会员号,商品名称,订单金额\n" + row.format("茶") + row.format("杯"))

        assert Order.objects.get().total_minor == 25900 == view.amounts["imported"]
        assert (view.amounts["read"], view.amounts["ignored"]) == (51800, 25900)
        assert adds_up(view)
        assert ["without their goods" in str(warning) for warning in view.warnings] == [True]

    def test_orders_without_a_date_are_warned_of(self, tmp_path: Path) -> None:
        columns = {"order_number": "订单号", "customer_member_no": "会员号", "total_amount": "订单金额"}
        view = import_text(tmp_path, "订单号,会员号,订单金额\nA1,M1,259\n", mapping=columns)

        assert ["without a date" in str(warning) for warning in view.warnings] == [True]

    def test_a_file_that_says_everything_is_not_warned_of(self, tmp_path: Path) -> None:
        assert import_text(tmp_path, TWO_ORDERS).warnings == ()


class TestUndo:
    def test_takes_a_first_import_back_whole(self, tmp_path: Path) -> None:

        before = store_content()
        view = import_text(tmp_path, TWO_ORDERS)

        actions.undo_import(actor=Actor.system(), import_id=view.id, now=NOW)

        after = store_content()
        for known_places in ("orders_shop", "customers_accountscope"):
            before[known_places] = after[known_places]
        assert after == before

    def test_restores_what_an_update_changed(self, tmp_path: Path) -> None:

        import_text(tmp_path, TWO_ORDERS)
        before = store_content()
        more = "536365,22633,WARMER,1.0,2010-12-01 08:26:00,1.85,17850.0,United Kingdom\n"
        cancel = "C536400,85123A,HOLDER,-6.0,2010-12-05 10:00:00,2.55,17850.0,United Kingdom\n"
        view = import_text(tmp_path, HEADER + more + cancel)
        assert store_content() != before

        actions.undo_import(actor=Actor.system(), import_id=view.id, now=NOW)

        assert store_content() == before

    def test_refuses_while_a_later_import_builds_on_it(self, tmp_path: Path) -> None:

        first = import_text(tmp_path, TWO_ORDERS)
        more = "536365,22633,WARMER,1.0,2010-12-01 08:26:00,1.85,17850.0,United Kingdom\n"
        second = import_text(tmp_path, TWO_ORDERS + more)

        with pytest.raises(refusals.LaterImportsBuildOnIt):
            actions.undo_import(actor=Actor.system(), import_id=first.id, now=NOW)

        actions.undo_import(actor=Actor.system(), import_id=second.id, now=NOW)
        actions.undo_import(actor=Actor.system(), import_id=first.id, now=NOW)
        assert Order.objects.count() == 0

    def test_the_same_file_again_does_not_stand_in_the_way(self, tmp_path: Path) -> None:

        first = import_text(tmp_path, TWO_ORDERS)
        import_text(tmp_path, TWO_ORDERS)

        actions.undo_import(actor=Actor.system(), import_id=first.id, now=NOW)

        assert Order.objects.count() == 0


class TestDryRun:
    def test_says_what_would_come_of_it_and_changes_nothing(self, tmp_path: Path) -> None:

        path = tmp_path / "orders.csv"
        path.write_text(TWO_ORDERS)
        before = store_content()

        result = dry_run_import(actor=Actor.system(), path=path, file_name=path.name, now=NOW)

        assert (result["new"], result["orders"]) == (3, 2)
        assert store_content() == before
