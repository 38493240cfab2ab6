"""The group of goods that a file names, from the file to the split of a change of sales, and back by undo."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.importing import NOW, import_path, import_text
from yutang.foundation.access import Actor
from yutang.ingest import actions
from yutang.ingest.lake_sync import sync_lake
from yutang.ingest.recognition import suggest
from yutang.insight.queries import Comparison, Period, customers_behind, sales_change
from yutang.orders.models import Product

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "小票号,销售时间,会员号,商品编码,商品名称,商品类目,数量,单价,实收金额\n"
TILL = HEADER + (
    "A1,2026-01-05 10:00:00,M1,P1,纯棉上衣,上衣,1,100,100\n"
    "A2,2026-02-05 10:00:00,M1,P1,纯棉上衣,上衣,2,100,200\n"
    "A2,2026-02-05 10:00:00,M1,P2,羊毛围巾,配饰,1,50,50\n"
    "A3,2026-02-06 10:00:00,M2,P3,礼品卡,,1,30,30\n"
)
JANUARY, FEBRUARY = Period(date(2026, 1, 1), date(2026, 2, 1)), Period(date(2026, 2, 1), date(2026, 3, 1))


@pytest.fixture(autouse=True)
def _own_lake(settings: Any, tmp_path: Path) -> None:
    settings.YUTANG_LAKE = tmp_path / "lake"


def categories() -> dict[str, str]:
    return dict(Product.objects.values_list("code", "category"))


class TestImport:
    def test_keeps_the_category_of_each_product(self, tmp_path: Path) -> None:
        import_text(tmp_path, TILL)

        assert categories() == {"P1": "上衣", "P2": "配饰", "P3": ""}

    def test_the_last_file_that_names_one_counts_and_undo_brings_back_the_one_before(self, tmp_path: Path) -> None:
        import_text(tmp_path, TILL)
        later = (
            HEADER
            + "B1,2026-02-07 10:00:00,M3,P1,纯棉上衣,女装,1,100,100\nB1,2026-02-07 10:00:00,M3,P2,羊毛围巾,,1,50,50\n"
        )
        view = import_text(tmp_path, later)
        assert categories() == {"P1": "女装", "P2": "配饰", "P3": ""}

        actions.undo_import(actor=Actor.system(), import_id=view.id, now=NOW)

        assert categories() == {"P1": "上衣", "P2": "配饰", "P3": ""}

    def test_reaches_things_that_have_a_name_only(self, tmp_path: Path) -> None:
        text = "小票号,销售时间,商品名称,品类,数量,单价,实收金额\nA1,2026-01-05,洗剪吹,服务,1,58,58\n"

        import_text(tmp_path, text)

        assert list(Product.objects.values_list("code", "name", "category")) == [("", "洗剪吹", "服务")]

    @pytest.mark.parametrize("word", ["商品类目", "一级类目", "品类", "类别", "Category", "Product Type"])
    def test_knows_the_words_of_tills(self, word: str) -> None:
        header = ["小票号", "销售时间", "商品编码", "商品名称", word, "数量", "单价"]

        assert suggest(header, [["1", "2026-01-05", "P1", "上衣", "女装", "1", "9"]], "orders")["product_category"] == 4

    def test_of_tiktok_shop_is_read(self, tmp_path: Path, reference_data: Path) -> None:
        head = (
            (reference_data / "export_formats" / "tiktok_shop_csv.header.csv").read_text(encoding="utf-8-sig").strip()
        )
        names = [*head.split(","), "Product Category"]
        said = {
            "Order ID": "5765",
            "Order Status": "Completed",
            "Seller SKU": "S1",
            "Product Name": "Lamp",
            "Quantity": "1",
            "SKU Unit Original Price": "10",
            "Order Amount": "10",
            "Created Time": "2026-01-05 10:00:00",
            "Product Category": "Lighting",
        }
        path = tmp_path / "tiktok.csv"
        path.write_text(f"{','.join(names)}\n{','.join(said.get(name, '') for name in names)}\n", encoding="utf-8-sig")

        import_path(path)

        assert categories() == {"S1": "Lighting"}


class TestSplit:
    def test_a_change_of_sales_is_split_by_category_to_the_fen(self, tmp_path: Path) -> None:
        import_text(tmp_path, TILL)
        sync_lake(now=NOW)
        asked = Comparison(FEBRUARY, JANUARY, by="category")

        found = sales_change(access=Actor.system(), today=date(2026, 3, 1), asked=asked)
        people = customers_behind(
            access=Actor.system(), today=date(2026, 3, 1), asked=asked, part="order_value", group_key="上衣"
        )

        assert {group.key: (group.split.before_minor, group.split.now_minor) for group in found.groups} == {
            "上衣": (10_000, 20_000),
            "配饰": (0, 5_000),
            None: (0, 3_000),
        }
        assert sum(found.parts.values()) == found.difference_minor == 18_000
        assert [(one.before_minor, one.now_minor) for one in people.customers] == [(10_000, 20_000)]

    def test_a_thing_of_the_same_name_in_another_shop_is_of_the_same_category(self, tmp_path: Path) -> None:
        import_text(tmp_path, TILL)
        other = (
            "订单号,下单时间,商品名称,数量,单价,实付金额\nC1,2026-02-09,纯棉上衣,1,70,70\nC1,2026-02-09,礼品卡,1,9,9\n"
        )
        import_text(tmp_path, other, name="other.csv", shop_name="分店网店")
        sync_lake(now=NOW)

        found = sales_change(
            access=Actor.system(), today=date(2026, 3, 1), asked=Comparison(FEBRUARY, JANUARY, by="category")
        )

        assert {group.key: group.split.now_minor for group in found.groups} == {
            "上衣": 27_000,
            "配饰": 5_000,
            None: 3_900,
        }
