"""Headers, known and unknown."""

from __future__ import annotations

import random

import pytest

from tests.ingest.making import reference_data
from yutang.ingest.formats import FORMATS
from yutang.ingest.reading import open_source
from yutang.ingest.recognition import header_digest, recognise, suggest, suggest_target
from yutang.ingest.wording import WORDS

HEADER_FILES = {
    "alibaba_1688_xlsx.header.csv": "alibaba_1688_orders",
    "douyin_order_csv.header.csv": "douyin_orders",
    "jd_order_csv.header.csv": "jd_orders",
    "pdd_order_csv.header.csv": "pdd_orders",
    "shopify_orders_csv_79.header.csv": "shopify_orders",
    "synthetic_douyin_orders.csv": "douyin_orders",
    "synthetic_jd_orders.csv": "jd_orders",
    "synthetic_pdd_orders.csv": "pdd_orders",
    "synthetic_shopify_orders_export.csv": "shopify_orders",
    "synthetic_taobao_ExportOrderDetailList202403100001.csv": "taobao_items",
    "synthetic_taobao_ExportOrderList202403100001.csv": "taobao_orders",
    "synthetic_youzan_customers.csv": "youzan_customers",
    "synthetic_youzan_orders.csv": "youzan_orders",
    "taobao_item_list_csv_classic.header.csv": "taobao_items",
    "taobao_item_list_csv_new.header.csv": "taobao_suborders",
    "taobao_order_list_csv_2021_71col.header.csv": "taobao_orders",
    "taobao_order_list_csv_classic.header.csv": "taobao_orders",
    "tiktok_shop_csv.header.csv": "tiktok_shop_orders",
    "tmall_refund_xlsx.header.csv": "tmall_refunds",
    "wechat_shop_order_xlsx.header.csv": "wechat_shop_orders",
    "woocommerce_order_export_csv.header.csv": "woocommerce_orders",
    "youzan_customer_csv.header.csv": "youzan_customers",
    "youzan_order_csv.header.csv": "youzan_orders",
}


@pytest.fixture(params=HEADER_FILES.items(), ids=lambda item: item[0])
def known(request: pytest.FixtureRequest) -> tuple[list[str], str]:
    """Return a real header and the code of its format."""
    name, code = request.param
    return list(open_source(reference_data("export_formats", name)).sheets[0].header), code


def mapped_names(header: list[str]) -> dict[str, str]:
    found = recognise(header)
    assert found is not None
    return {field: header[at].strip() for field, at in found.columns.items()}


class TestRecognise:
    def test_every_known_header(self, known: tuple[list[str], str]) -> None:
        header, code = known

        found = recognise(header)

        assert found is not None
        assert found.format.code == code
        assert found.share == 1.0

    def test_in_any_order(self, known: tuple[list[str], str]) -> None:
        header, code = known
        unique = [name for name in header if header.count(name) == 1]
        shuffled = random.Random(7).sample(unique, len(unique))

        found = recognise(shuffled)

        assert found is not None
        assert found.format.code == code
        assert mapped_names(shuffled) == mapped_names(unique)

    def test_with_columns_added(self, known: tuple[list[str], str]) -> None:
        header, code = known
        added = ["自定义一", *header, "新增字段", "金额", ""]

        found = recognise(added)

        assert found is not None
        assert found.format.code == code
        assert mapped_names(added) == mapped_names(header)

    def test_with_any_column_missing_but_its_keys(self, known: tuple[list[str], str]) -> None:
        header, code = known
        keys = {at for key in FORMATS[code].keys for at in [recognise(header).columns[key]]}  # type: ignore[union-attr]
        for at in range(len(header)):
            if at not in keys:
                found = recognise(header[:at] + header[at + 1 :])
                assert found is not None, header[at]
                assert found.format.code == code

    def test_with_stray_spaces_full_width_brackets_and_other_case(self, known: tuple[list[str], str]) -> None:
        header, code = known
        odd = [f" {name.replace('(', '（').replace(')', '）').upper()}\u3000" for name in header]

        found = recognise(odd)

        assert found is not None
        assert (found.format.code, dict(found.columns)) == (code, dict(recognise(header).columns))  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        "header", [["a", "b"], ["订单号", "金额", "日期"], ["日期", "渠道", "订单号", "金额"], [], [""]]
    )
    def test_other_headers_are_not_known(self, header: list[str]) -> None:
        assert recognise(header) is None

    def test_of_columns_of_one_name_the_first_counts(self) -> None:
        header = open_source(reference_data("export_formats", "youzan_order_csv.header.csv")).sheets[0].header

        assert header.count("分销员") == 2
        assert recognise(header).columns["staff_name"] == header.index("销售导购")  # type: ignore[union-attr]

    def test_the_three_sheets_of_qianniu(self) -> None:
        sheets = {
            "qianniu_orders": "订单编号,收货地址,物流公司,物流单号,买家应付货款,订单状态,订单创建时间,订单付款时间",
            "taobao_suborders": "主订单编号,子订单编号,商品标题,商品属性,商家编码,外部系统编号,购买数量,商品价格,买家应付货款,订单状态",
            "qianniu_shipments": "订单编号,收货人姓名,联系手机,联系电话,收货地址",
        }

        assert {recognise(h.split(",")).format.code for h in sheets.values()} == set(sheets)  # type: ignore[union-attr]

    def test_every_format_is_sound(self) -> None:
        for form in FORMATS:
            fields = WORDS[form.target].fields
            assert {field for field in form.columns if not field.startswith("_")} <= set(fields), form.code
            assert set(form.keys) <= set(form.columns), form.code
            assert form.summed <= set(form.columns) | {"refunded_amount"}, form.code
            assert set(form.statuses.values()) <= {"placed", "paid", "shipped", "completed", "cancelled", "refunded"}


class TestHeaderDigest:
    def test_order_and_spacing_do_not_matter(self) -> None:
        assert header_digest(["订单号 ", "金额（元）"]) == header_digest(["金额(元)", "订单号"])
        assert header_digest(["订单号"]) != header_digest(["订单号", "金额"])


def suggested(header: str, sample: list[str] | None = None, target: str | None = None) -> dict[str, str]:
    names = header.split(",")
    rows = [row.split(",") for row in sample or []]
    columns = suggest(names, rows, target or suggest_target(names, rows) or "")
    return {field: names[at] for field, at in columns.items()}


class TestSuggest:
    def test_online_retail_needs_no_help(self) -> None:
        sheet = open_source(reference_data("online_retail", "online_retail_2010-12_2011-12.csv.gz")).sheets[0]

        columns = suggest(sheet.header, sheet.sample, "orders")

        assert suggest_target(sheet.header, sheet.sample) == "orders"
        assert {field: sheet.header[at] for field, at in columns.items()} == {
            "order_number": "InvoiceNo",
            "product_code": "StockCode",
            "product_name": "Description",
            "quantity": "Quantity",
            "ordered_at": "InvoiceDate",
            "unit_price": "UnitPrice",
            "customer_member_no": "CustomerID",
            "country": "Country",
        }

    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("小票号,门店,销售时间,会员卡号,手机,商品编码,商品名称,数量,单价,店员",
             {"order_number": "小票号", "store_name": "门店", "ordered_at": "销售时间", "customer_member_no": "会员卡号", "customer_phone": "手机",
              "product_code": "商品编码", "product_name": "商品名称", "quantity": "数量", "unit_price": "单价", "staff_name": "店员"}),
            ("订单编号,下单时间,会员号,金额,收货人,收货人手机号",
             {"order_number": "订单编号", "ordered_at": "下单时间", "customer_member_no": "会员号", "total_amount": "金额", "receiver_name": "收货人",
              "receiver_phone": "收货人手机号"}),
            ("Order No.,Order Date,Customer ID,E-mail,Total (USD),Qty",
             {"order_number": "Order No.", "ordered_at": "Order Date", "customer_member_no": "Customer ID", "customer_email": "E-mail",
              "total_amount": "Total (USD)", "quantity": "Qty"}),
            ("invoice_number,transaction_date,product_id,quantity,unit_price,client",
             {"order_number": "invoice_number", "ordered_at": "transaction_date", "product_code": "product_id", "quantity": "quantity",
              "unit_price": "unit_price", "customer_name": "client"}),
        ],
    )  # fmt: skip
    def test_orders_in_both_languages(self, header: str, expected: dict[str, str]) -> None:
        assert suggest_target(header.split(","), []) == "orders"
        assert suggested(header) == expected

    def test_other_targets(self) -> None:
        assert (
            suggest_target(["会员号", "姓名", "性别", "生日", "手机", "邮箱", "门店编号", "开卡时间"], [])
            == "customers"
        )
        assert suggest_target(["store id", "date", "passers-by", "visitors"], []) == "footfall"
        assert suggest_target(["date", "channel", "campaign", "spend"], []) == "ad_cost"
        assert suggest_target(["退款编号", "订单号", "退款金额", "退款时间"], []) == "refunds"
        assert suggest_target(["cat", "label", "review"], []) is None
        assert suggest_target(["单子编号", "什么时候", "谁的电话", "几件", "一件多少"], []) is None

    def test_cells_confirm_names(self) -> None:
        sample = ["A1,x,2024-03-08,19.9", "A2,y,2024-03-09,5"]

        assert "quantity" not in suggested("订单号,件数,日期,金额", sample, "orders")
        assert suggested("订单号,名称,日期,金额", sample, "orders")["ordered_at"] == "日期"

    def test_a_sure_name_stands_where_no_cell_can_be_read(self) -> None:
        sample = ["A1,x,2024-03-08,19.9", "A2,y,2024-03-09,5"]

        assert suggested("订单号,数量,日期,单价", sample, "orders")["quantity"] == "数量"

    def test_a_column_full_of_phones_is_the_phone(self) -> None:
        sample = ["1,13800138000,13800138000,a@example.com", "2,13900139000,13900139001,b@example.com"]

        assert suggested("订单号,字段甲,手机,字段乙", sample, "orders") | {} == {
            "order_number": "订单号",
            "customer_phone": "手机",
            "customer_email": "字段乙",
        }
        assert suggested("x,字段甲,y,z", ["1,13800138000,,"], "customers") == {"customer_phone": "字段甲"}

    def test_an_amount_a_line_is_told_from_an_amount_an_order(self) -> None:
        header = "小票号,销售时间,商品名称,数量,单价,实收金额"
        by_line = ["1,2024-03-08,a,1,10,9", "1,2024-03-08,b,2,5,10"]
        by_order = ["1,2024-03-08,a,1,10,19", "1,2024-03-08,b,2,5,19"]

        assert suggested(header, by_line)["line_paid"] == "实收金额"
        assert suggested(header, by_order)["paid_amount"] == "实收金额"

    def test_no_column_is_used_twice(self) -> None:
        columns = suggested("order,order number,order date,date,total,amount,price,qty")

        assert len(set(columns.values())) == len(columns)
        assert (columns["order_number"], columns["ordered_at"]) == ("order number", "order date")
