"""Every sample export, whole and mistreated, gives the same typed rows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from tests.ingest.making import csv_text, reference_data, typed, written
from yutang.orders.import_formats.pdd import day_of_number

SAMPLES = (
    "synthetic_douyin_orders.csv",
    "synthetic_jd_orders.csv",
    "synthetic_pdd_orders.csv",
    "synthetic_shopify_orders_export.csv",
    "synthetic_taobao_ExportOrderDetailList202403100001.csv",
    "synthetic_taobao_ExportOrderList202403100001.csv",
    "synthetic_youzan_customers.csv",
    "synthetic_youzan_orders.csv",
)


def sample(name: str) -> Path:
    return reference_data("export_formats", name)


def cells_of(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("name", SAMPLES)
class TestMistreatedSamples:
    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
    def test_in_any_encoding_and_dialect(self, tmp_path: Path, name: str, codec: str, delimiter: str) -> None:
        path = written(tmp_path, csv_text(cells_of(sample(name)), delimiter=delimiter), encoding=codec)

        assert typed(path) == typed(sample(name))

    def test_as_a_workbook(self, tmp_path: Path, name: str) -> None:
        workbook = openpyxl.Workbook()
        for row, cells in enumerate(cells_of(sample(name)), 1):
            for column, text in enumerate(cells, 1):
                cell = workbook.active.cell(row, column, text)
                cell.data_type = "s"  # also ="..." is text, not a formula
        workbook.save(tmp_path / "file.xlsx")

        assert typed(tmp_path / "file.xlsx") == typed(sample(name))

    def test_with_shuffled_and_added_columns(self, tmp_path: Path, name: str) -> None:
        rows = cells_of(sample(name))
        width = len(rows[0])
        rows = [[*row, *[""] * (width - len(row)), "新" if at else "新增列"] for at, row in enumerate(rows)]
        duplicates = {at for at in range(width) if rows[0][at] in rows[0][:at] and rows[0][at].strip()}
        kept = [at for at in range(width + 1) if at not in duplicates]
        order = random.Random(3).sample(kept, len(kept))

        form, found = typed(written(tmp_path, csv_text([[row[at] for at in order] for row in rows])))

        expected_form, expected = typed(sample(name))
        assert form is expected_form
        assert [sorted_row(row) for row in found] == [sorted_row(row) for row in expected]

    def test_truncated_anywhere_the_whole_rows_stay(self, tmp_path: Path, name: str) -> None:
        content = sample(name).read_bytes()
        _, expected = typed(sample(name))
        header_end = content.index(b"\n") + 1
        for cut in range(header_end, len(content), 37):
            path = written(tmp_path, content[:cut])
            whole = content[header_end:cut].count(b"\n")
            _, found = typed(path)
            assert found[:whole] == expected[:whole], cut


def sorted_row(row: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((key, repr(value)) for key, value in row.items())


def row(name: str, at: int) -> dict[str, Any]:
    return typed(sample(name))[1][at]


class TestTaobao:
    NAME = "synthetic_taobao_ExportOrderList202403100001.csv"

    def test_an_order(self) -> None:
        found = row(self.NAME, 0)

        assert found["order_number"] == "445566778899001122"
        assert (found["receiver_phone"], found["receiver_name"]) == ("+8613800138000", "张三")
        assert (found["province"], found["city"], found["district"]) == ("浙江省", "杭州市", "西湖区")
        assert (found["total_amount"], found["paid_amount"]) == (Decimal(199), Decimal(199))
        assert found["ordered_at_on"] == dt.date(2024, 3, 8)
        assert found["status"] == "交易成功"

    def test_digits_lost_in_excel_leave_no_order_number(self) -> None:
        assert row(self.NAME, 2)["order_number"] is None

    def test_an_item_with_quotes_and_no_outer_code(self) -> None:
        found = row("synthetic_taobao_ExportOrderDetailList202403100001.csv", 1)

        assert (found["product_name"], found["product_code"], found["quantity"]) == (
            '针织开衫,"宽松"款',
            "WZ2403-02",
            1,
        )

    def taobao(self, tmp_path: Path, **cells: str) -> dict[str, Any]:
        rows = cells_of(sample(self.NAME))[:2]
        for name, value in cells.items():
            names = [header.strip() for header in rows[0]]
            if name in names:
                rows[1][names.index(name)] = value
            else:
                rows[0].append(name)
                rows[1].append(value)
        return typed(written(tmp_path, csv_text(rows), encoding="gbk"))[1][0]

    def test_a_receiver_inside_the_address(self, tmp_path: Path) -> None:
        found = self.taobao(
            tmp_path, 收货人姓名="", 联系手机="", 收货地址="李四，86-13900000004，浙江省 杭州市 西湖区 示例街道 ，"
        )

        assert (found["receiver_name"], found["receiver_phone"]) == ("李四", "+8613900000004")
        assert (found["address"], found["city"]) == ("浙江省 杭州市 西湖区 示例街道", "杭州市")

    def test_virtual_numbers_are_nobodys(self, tmp_path: Path) -> None:
        assert self.taobao(tmp_path, 联系手机="'13900000004-1234")["receiver_phone"] is None
        assert self.taobao(tmp_path, 虚拟号过期时间="2024-04-01 00:00:00")["receiver_phone"] is None

    def test_a_paid_order_that_closed_is_a_refund_an_unpaid_one_is_not(self, tmp_path: Path) -> None:
        refunded = self.taobao(tmp_path, 订单状态="交易关闭", 订单关闭原因="买家申请退款")
        unpaid = self.taobao(tmp_path, 订单状态="交易关闭", 订单关闭原因="买家未付款", 订单付款时间="")

        assert (refunded["status"], unpaid["status"]) == ("退款成功", "交易关闭")

    def test_what_was_not_paid_out_was_refunded(self, tmp_path: Path) -> None:
        assert self.taobao(tmp_path, 打款商家金额="150.00元")["refunded_amount"] == Decimal(49)
        assert self.taobao(tmp_path, 打款商家金额="199.00元")["refunded_amount"] is None


class TestOtherPlatforms:
    def test_jd_phones_are_masked(self) -> None:
        found = row("synthetic_jd_orders.csv", 1)

        assert (found["receiver_phone"], found["receiver_phone_masked"]) == (None, "1******8000")
        assert (found["quantity"], found["unit_price"], found["total_amount"]) == (1, Decimal(100), Decimal(239))

    def test_jd_amounts_with_a_remark(self, tmp_path: Path) -> None:
        rows = cells_of(sample("synthetic_jd_orders.csv"))
        rows[1][rows[0].index("应付金额")] = "499.00（系统计算中，该值仅供参考）"

        assert typed(written(tmp_path, csv_text(rows)))[1][0]["total_amount"] == Decimal(499)

    def test_pdd_orders_without_a_time_take_the_day_of_their_number(self) -> None:
        found = row("synthetic_pdd_orders.csv", 1)

        assert found["ordered_at_on"] == dt.date(2026, 5, 1)
        assert found["ordered_at"] == dt.datetime(2026, 4, 30, 16)  # noqa: DTZ001 - naive UTC
        assert (found["status"], found["refunded_amount"]) == ("退款成功", Decimal("17.8"))
        assert (found["product_code"], found["unit_price"]) == ("754299500002", Decimal("17.8"))

    def test_pdd_quantities_price_the_pieces(self) -> None:
        found = row("synthetic_pdd_orders.csv", 0)

        assert (found["quantity"], found["unit_price"], found["refund_status"]) == (2, Decimal("29.9"), None)

    def test_days_in_order_numbers(self) -> None:
        numbers = pa.array(["260517-607198974300001", "260631-607198974300001", "x", None, "261317-607198974300001"])

        assert day_of_number(numbers).to_pylist() == [dt.date(2026, 5, 17), None, None, None, None]

    def test_douyin_people_are_ciphertext(self) -> None:
        found = row("synthetic_douyin_orders.csv", 0)

        assert (found["receiver_name"], found["receiver_phone"], found["address"]) == (None, None, None)
        assert (found["order_number"], found["product_spec"]) == ("6917926768800000001", "白/S")
        assert (found["unit_price"], found["refunded_amount"]) == (Decimal("28.9"), Decimal("28.9"))

    def test_douyin_sub_orders_that_share_a_row(self, tmp_path: Path) -> None:
        rows = cells_of(sample("synthetic_douyin_orders.csv"))[:2]
        joined = {
            "子订单编号": "\t691;692",
            "选购商品": "\t连衣裙;围巾",
            "商品规格": "\t白/S;红",
            "商品数量": "1;2",
            "订单应付金额": "30.00",
        }
        for name, value in joined.items():
            rows[1][rows[0].index(name)] = value

        _, found = typed(written(tmp_path, csv_text(rows)))

        assert [(r["row_number"], r["line_number"], r["product_name"], r["quantity"]) for r in found] == [
            (2, "691", "连衣裙", 1), (2, "692", "围巾", 2),
        ]  # fmt: skip
        assert sum(r["total_amount"] for r in found) == Decimal(30)

    def test_shopify_continuation_rows_say_nothing_about_the_order(self) -> None:
        first, second, third = typed(sample("synthetic_shopify_orders_export.csv"))[1]

        assert (first["order_number"], first["status"], first["total_amount"]) == ("#1001", "fulfilled", Decimal(300))
        assert (second["order_number"], second["status"], second["total_amount"]) == ("#1001", None, None)
        assert (second["quantity"], second["unit_price"]) == (2, Decimal(50))
        assert (third["status"], third["paid_at"]) == ("cancelled", None)

    def test_youzan_orders(self) -> None:
        first, second = typed(sample("synthetic_youzan_orders.csv"))[1]

        assert (first["item_count"], first["title"], first["staff_name"]) == (1, "连衣裙 S(1件)", "导购甲")
        assert (first["customer_phone"], second["customer_phone_masked"]) == ("+8613800138000", "186******05")
        assert (second["status"], second["refunded_amount"]) == ("已关闭", Decimal(99))

    def test_youzan_customers(self) -> None:
        first, _, third = typed(sample("synthetic_youzan_customers.csv"))[1]

        assert (first["birthday"], first["is_member"], first["tags"]) == (dt.date(1990, 1, 1), True, "老客")
        assert (third["customer_name"], third["customer_phone"]) == (None, None)
