"""Exports of every platform, filled with rows of a plausible day: what the file says is what the store holds."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.importing import adds_up, import_path, import_text, store_content
from tests.orders.exporting import Row, as_csv, cells_of, cells_of_file, header_of, refunds, told, write_workbook
from yutang.customers.models import Customer
from yutang.ingest.models import QuarantinedRow
from yutang.ingest.planning import FormatLacksColumns
from yutang.ingest.queries import ImportView
from yutang.orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

SAMPLES = {
    "synthetic_douyin_orders.csv": ("douyin_orders", "utf-8-sig", 2, 0),
    "synthetic_jd_orders.csv": ("jd_orders", "gb18030", 1, 0),
    "synthetic_pdd_orders.csv": ("pdd_orders", "utf-8-sig", 2, 0),
    "synthetic_shopify_orders_export.csv": ("shopify_orders", "utf-8", 2, 0),
    "synthetic_taobao_ExportOrderDetailList202403100001.csv": ("taobao_items", "gb18030", 2, 0),
    "synthetic_taobao_ExportOrderList202403100001.csv": ("taobao_orders", "gb18030", 2, 1),
    "synthetic_youzan_orders.csv": ("youzan_orders", "utf-8-sig", 2, 0),
}

TMALL_ORDER = {"订单编号": "445566778899001122", "买家会员名": "买家甲", "买家应付货款": "258.00", "买家应付邮费": "0.00", "总金额": "258.00",
         "买家实际支付金额": "258.00", "订单状态": "交易成功", "订单创建时间": "2024-03-08 10:00:01",
         "订单付款时间": "2024-03-08 10:00:20", "宝贝总数量": "1"}  # fmt: skip


def brought(tmp_path: Path, folder: Path, name: str, rows: list[Row], *, encoding: str = "gb18030") -> ImportView:
    """Import rows under the header of a platform twice; the second time changes nothing."""
    text = as_csv(cells_of(header_of(folder, name), rows))
    view = import_text(tmp_path, text, name=f"{name}.csv", encoding=encoding)
    assert adds_up(view)
    before = store_content()
    again = import_text(tmp_path, text, name=f"{name}.csv", encoding=encoding)
    assert again.counts["unchanged"] == view.counts["read"] - view.counts["quarantined"] - view.counts["ignored"]
    assert (again.counts["quarantined"], again.counts["ignored"]) == (
        view.counts["quarantined"],
        view.counts["ignored"],
    )
    assert store_content() == before
    return view


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_comes_in_and_a_second_time_changes_nothing(reference_data: Path, name: str) -> None:
    code, encoding, orders, kept = SAMPLES[name]
    path = reference_data / "export_formats" / name

    view = import_path(path)
    before = store_content()
    again = import_path(path)

    assert (view.format, view.encoding) == (code, encoding)
    assert (Order.objects.count(), view.counts["quarantined"]) == (orders, kept)
    assert adds_up(view)
    assert again.counts["unchanged"] == view.counts["new"]
    assert store_content() == before


class TestTaobao:
    ORDERS = (
        {"订单编号": '="445566778899001122"', "买家会员名": "买家甲", "买家应付货款": "258.00", "买家应付邮费": "10.00",
         "总金额": "268.00", "买家实际支付金额": "248.00", "订单状态": "交易成功", "收货人姓名": "张三",
         "收货地址": "浙江省 杭州市 西湖区 示例街道1号", "联系手机": "'13800138000", "订单创建时间": "2024-03-08 00:30:01",
         "订单付款时间": "2024-03-08 00:31:00", "宝贝标题": "连衣裙", "宝贝总数量": "3"},
        {"订单编号": '="445566778899001123"', "买家会员名": "买家乙", "买家应付货款": "89.00", "买家应付邮费": "0.00",
         "总金额": "89.00", "买家实际支付金额": "0.00", "订单状态": "交易关闭", "订单创建时间": "2024/3/8 9:05",
         "宝贝标题": "开衫", "宝贝总数量": "1", "订单关闭原因": "买家未付款"},
        {"订单编号": '="445566778899001124"', "买家会员名": "买家甲", "买家应付货款": "59.00", "买家应付邮费": "0.00",
         "总金额": "59.00", "买家实际支付金额": "59.00", "订单状态": "交易关闭", "订单创建时间": "2024-03-09 10:00:00",
         "订单付款时间": "2024-03-09 10:00:30", "宝贝标题": "半身裙", "宝贝总数量": "1", "订单关闭原因": "退款"},
    )  # fmt: skip
    ITEMS = (
        {"订单编号": '="445566778899001122"', "标题": "连衣裙", "价格": "199.00", "购买数量": "1", "商品属性": "颜色:白;尺码:S",
         "订单状态": "交易成功", "商家编码": "WZ-1"},
        {"订单编号": '="445566778899001122"', "标题": "袜子", "价格": "29.50", "购买数量": "2", "商品属性": "null",
         "订单状态": "交易成功", "商家编码": "WZ-2"},
        {"订单编号": '="445566778899001123"', "标题": "开衫", "价格": "89.00", "购买数量": "1", "订单状态": "交易关闭",
         "商家编码": "WZ-3"},
    )  # fmt: skip

    def test_the_order_report_alone(self, tmp_path: Path, reference_data: Path) -> None:
        brought(tmp_path, reference_data, "taobao_order_list_csv_classic", list(self.ORDERS))

        assert told("445566778899001122") == {
            "status": "COMPLETED", "day": "2024-03-08", "goods": 25800, "shipping": 1000, "total": 26800, "refunded": 0, "lines": [],
        }  # fmt: skip
        assert told("445566778899001123")["status"] == "CANCELLED"
        assert told("445566778899001124")["status"] == "REFUNDED"
        assert Customer.objects.count() == 2

    def test_order_and_item_report_in_either_order_give_the_same_store(
        self, tmp_path: Path, reference_data: Path
    ) -> None:
        reports = [
            ("taobao_order_list_csv_classic", list(self.ORDERS)),
            ("taobao_item_list_csv_classic", list(self.ITEMS)),
        ]
        stores = []
        for sequence in (reports, reports[::-1]):
            Order.objects.all().delete()
            Customer.objects.all().delete()
            for name, rows in sequence:
                brought(tmp_path, reference_data, name, rows)
            stores.append({number: told(number) for number in Order.objects.values_list("number", flat=True)})

        assert stores[0] == stores[1]
        assert stores[0]["445566778899001122"] == {
            "status": "COMPLETED", "day": "2024-03-08", "goods": 25800, "shipping": 1000, "total": 26800, "refunded": 0,
            "lines": [("WZ-1", 1, 19900), ("WZ-2", 2, 5900)],
        }  # fmt: skip

    def test_the_71_columns_of_2021(self, tmp_path: Path, reference_data: Path) -> None:
        rows = [
            {"订单编号": "445566778899001125", "买家会员名": "买家丙", "买家应付货款": "100.00", "买家应付邮费": "0.00", "总金额": "100.00",
             "买家实际支付金额": "100.00", "订单状态": "交易成功", "收货人姓名": "王五", "联系手机": "13800138000",
             "虚拟号过期时间": "2021-12-01 00:00:00", "订单创建时间": "2021-11-11 00:00:05", "订单付款时间": "2021-11-11 00:01:00",
             "宝贝总数量": "1", "退款金额": "30.00", "打款商家金额": "70.00元"},
        ]  # fmt: skip

        brought(tmp_path, reference_data, "taobao_order_list_csv_2021_71col", rows)

        assert told("445566778899001125")["refunded"] == 3000
        assert refunds() == [("445566778899001125", 3000, "445566778899001125")]

    def test_sub_orders(self, tmp_path: Path, reference_data: Path) -> None:
        common = {"主订单编号": "2024031000000001", "订单状态": "交易成功", "订单创建时间": "2024-03-10 08:00:00",
                  "订单付款时间": "2024-03-10 08:00:10"}  # fmt: skip
        rows = [
            {**common, "子订单编号": "2024031000000002", "商品标题": "连衣裙", "商品价格": "199.00", "购买数量": "1",
             "商家编码": "WZ-1", "买家应付货款": "180.00", "买家实付金额": "180.00"},
            {**common, "子订单编号": "2024031000000003", "商品标题": "袜子", "商品价格": "29.50", "购买数量": "2", "商家编码": "WZ-2",
             "买家应付货款": "50.00", "买家实付金额": "50.00", "退款状态": "退款成功", "退款金额": "50.00"},
        ]  # fmt: skip

        view = brought(tmp_path, reference_data, "taobao_item_list_csv_new", rows)

        order = told("2024031000000001")
        assert (order["status"], order["total"], order["refunded"]) == ("COMPLETED", 23000, 5000)
        assert view.amounts["read"] == 19900 + 5900

    def test_an_order_is_given_back_only_when_all_of_it_was(self, tmp_path: Path, reference_data: Path) -> None:
        header = header_of(reference_data, "taobao_item_list_csv_new")
        common = {"订单状态": "交易成功", "订单创建时间": "2024-03-10 08:00:00", "订单付款时间": "2024-03-10 08:00:10", "购买数量": "1",
                  "商品价格": "100.00", "买家应付货款": "100.00", "买家实付金额": "100.00", "退款状态": "退款成功"}  # fmt: skip
        rows = [
            {**common, "主订单编号": "1", "子订单编号": "11", "退款金额": "100.00"},
            {**common, "主订单编号": "1", "子订单编号": "12", "退款金额": "100.00"},
            {**common, "主订单编号": "2", "子订单编号": "21", "退款金额": "30.00"},
            {**common, "主订单编号": "3", "子订单编号": "31", "订单状态": "交易关闭", "退款金额": "100.00"},
            {
                **common,
                "主订单编号": "3",
                "子订单编号": "32",
                "订单状态": "卖家已发货，等待买家确认",
                "退款状态": "没有申请退款",
            },
        ]

        import_text(tmp_path, as_csv(cells_of(header, rows)))

        assert [told(n)["status"] for n in "123"] == ["REFUNDED", "COMPLETED", "SHIPPED"]


class TestQianniu:
    def test_three_sheets_are_one_store(self, tmp_path: Path) -> None:
        sheets = {
            "订单报表": [
                ["订单编号", "收货地址", "物流公司", "物流单号", "买家应付货款", "订单状态", "订单创建时间", "订单付款时间"],
                ["3300000000000000001", "浙江省 杭州市 西湖区 示例街道1号", "圆通", "YT1", "139.00", "交易成功",
                 "2025-05-01 10:00:00", "2025-05-01 10:00:20"],
            ],
            "销售明细": [
                ["主订单编号", "子订单编号", "商品标题", "商品属性", "商家编码", "外部系统编号", "购买数量", "商品价格", "买家应付货款", "订单状态"],
                ["3300000000000000001", "3300000000000000002", "连衣裙", "白", "WZ-1", "", "1", "89.00", "89.00", "交易成功"],
                ["3300000000000000001", "3300000000000000003", "袜子", "", "WZ-2", "", "2", "25.00", "50.00", "交易成功"],
            ],
            "发货报表": [
                ["订单编号", "收货人姓名", "联系手机", "联系电话", "收货地址"],
                ["3300000000000000001", "张三", "13800138000", "", "浙江省 杭州市 西湖区 示例街道1号"],
            ],
        }  # fmt: skip
        path = write_workbook(tmp_path / "千牛.xlsx", sheets)

        view = import_path(path)

        assert adds_up(view)
        assert view.counts["read"] == 4
        assert told("3300000000000000001") == {
            "status": "COMPLETED", "day": "2025-05-01", "goods": 13900, "shipping": 0, "total": 13900, "refunded": 0,
            "lines": [("WZ-1", 1, 8900), ("WZ-2", 2, 5000)],
        }  # fmt: skip
        assert Order.objects.get().customer is not None
        before = store_content()
        assert import_path(path).counts["unchanged"] == 4
        assert store_content() == before


class TestTmallRefunds:
    REFUNDS = (
        {"订单编号": "445566778899001122", "退款编号": "99001", "订单付款时间": "2024-03-08 10:00:20", "买家会员名称": "买家甲",
         "买家实际支付金额": "258.00", "宝贝标题": "连衣裙", "买家退款金额": "58.00", "退款状态": "退款成功", "退款完结时间": "2024-03-12 12:00:00",
         "退款的申请时间": "2024-03-11 12:00:00", "商家编码": "WZ-1"},
        {"订单编号": "445566778899001122", "退款编号": "99002", "买家退款金额": "200.00", "退款状态": "退款关闭",
         "退款的申请时间": "2024-03-13 12:00:00"},
    )  # fmt: skip

    @pytest.mark.parametrize("orders_first", [True, False])
    def test_find_their_order_before_and_after_it(
        self, tmp_path: Path, reference_data: Path, orders_first: bool
    ) -> None:
        files = [("taobao_order_list_csv_classic", [TMALL_ORDER]), ("tmall_refund_xlsx", list(self.REFUNDS))]
        for name, rows in files if orders_first else files[::-1]:
            brought(tmp_path, reference_data, name, rows)

        assert refunds() == [("99001", 5800, "445566778899001122")]
        order = told("445566778899001122")
        assert (order["status"], order["total"], order["refunded"]) == ("COMPLETED", 25800, 5800)

    def test_as_a_workbook(self, tmp_path: Path, reference_data: Path) -> None:
        cells = cells_of(header_of(reference_data, "tmall_refund_xlsx"), list(self.REFUNDS))

        view = import_path(write_workbook(tmp_path / "退款.xlsx", {"Sheet1": cells}))

        assert (view.format, view.counts["new"], view.counts["ignored"]) == ("tmall_refunds", 1, 1)
        assert view.amounts["cancelled"] == -5800
        assert adds_up(view)


class TestOtherPlatforms:
    def test_jd_repeats_the_amounts_of_the_order_on_each_line(self, tmp_path: Path, reference_data: Path) -> None:
        common = {"订单号": "290000000001", "下单时间": "2026-01-31 23:59:59", "订单金额": "259.00", "结算金额": "239.00", "应付金额": "239.00",
                  "订单状态": "完成", "下单帐号": "jd_甲", "客户姓名": "张三", "联系电话": "1******8000", "运费金额": "6.00",
                  "付款确认时间": "2026-02-01 00:00:07"}  # fmt: skip
        rows = [
            {**common, "商品ID": "1001", "商品名称": "衬衫", "订购数量": "1", "京东价": "159.00"},
            {**common, "商品ID": "1002", "商品名称": "围巾", "订购数量": "2", "京东价": "50.00"},
        ]
        brought(tmp_path, reference_data, "jd_order_csv", rows)

        assert told("290000000001") == {
            "status": "COMPLETED", "day": "2026-01-31", "goods": 25900, "shipping": 600, "total": 23900, "refunded": 0,
            "lines": [("1001", 1, 15900), ("1002", 2, 10000)],
        }  # fmt: skip

    def test_pdd(self, tmp_path: Path, reference_data: Path) -> None:
        rows = [
            {"商品": "连衣裙", "订单号": "260517-607198974300001", "订单状态": "已收货", "商品总价(元)": "59.8", "邮费(元)": "0",
             "用户实付金额(元)": "54.8", "商品数量(件)": "2", "收货人": "张*", "手机": "138****8000", "支付时间": "2026-05-17 10:00:00",
             "商品id": "7542", "商品规格": "白/S", "商家编码-SKU维度": "WZ-1", "售后状态": "无售后或售后取消"},
            {"商品": "开衫", "订单号": "260501-607198974300002", "订单状态": "已发货，退款成功", "商品总价(元)": "17.8", "邮费(元)": "0",
             "用户实付金额(元)": "17.8", "商品数量(件)": "1", "商品id": "7543", "售后状态": "退款成功"},
            {"商品": "帽子", "订单号": "260502-607198974300003", "订单状态": "已取消", "商品总价(元)": "9.9", "邮费(元)": "0",
             "用户实付金额(元)": "9.9", "商品数量(件)": "1", "商品id": "7544", "售后状态": "无售后或售后取消"},
        ]  # fmt: skip
        brought(tmp_path, reference_data, "pdd_order_csv", rows, encoding="utf-8-sig")

        first, second, third = (told(n) for n in sorted(Order.objects.values_list("number", flat=True)))
        assert (first["status"], first["day"], first["refunded"]) == ("REFUNDED", "2026-05-01", 1780)
        assert (second["status"], second["refunded"]) == ("CANCELLED", 0)
        assert (third["total"], third["lines"]) == (5480, [("WZ-1", 2, 5980)])

    def test_douyin_adds_up_sub_orders(self, tmp_path: Path, reference_data: Path) -> None:
        common = {"主订单编号": "\t6917926768800000001", "收件人": "##密文", "收件人手机号": "$$密文", "订单提交时间": "2026-09-22 00:54:10",
                  "支付完成时间": "2026-09-22 00:55:00", "订单状态": "已完成"}  # fmt: skip
        rows = [
            {**common, "子订单编号": "\t6917926768800000002", "选购商品": "连衣裙", "商品数量": "1", "商家编码": "\tWZ-1", "商品单价": "39.90",
             "订单应付金额": "28.90", "运费": "0.00", "售后状态": "退款成功"},
            {**common, "子订单编号": "\t6917926768800000003", "选购商品": "帽子", "商品数量": "2", "商家编码": "\tWZ-2", "商品单价": "20.00",
             "订单应付金额": "36.00", "运费": "0.00", "售后状态": "-"},
        ]  # fmt: skip
        brought(tmp_path, reference_data, "douyin_order_csv", rows, encoding="utf-8-sig")

        order = told("6917926768800000001")
        assert (order["status"], order["total"], order["refunded"], order["day"]) == (
            "COMPLETED",
            6490,
            2890,
            "2026-09-22",
        )
        assert Customer.objects.count() == 0

    def test_youzan(self, tmp_path: Path, reference_data: Path) -> None:
        rows = [
            {"订单号": "E20260525220543065300001", "销售渠道": "网店", "归属店铺": "示例店", "订单状态": "交易完成",
             "订单创建时间": "2026-05-25 22:05:43", "买家付款时间": "2026-05-25 22:05:57", "商品金额合计": "199.00", "运费": "8.00",
             "应收订单金额": "187.00", "订单实付金额": "187.00", "全部商品名称": "连衣裙 S(1件);帽子(2件)", "收货人/提货人": "张三",
             "收货人手机号/提货人手机号": "13800138000", "买家昵称": "昵称甲", "买家手机号": "13800138000", "下单网点": "徐汇店",
             "订单已退款金额": "20.00", "订单退款状态": "部分退款"},
        ]  # fmt: skip
        brought(tmp_path, reference_data, "youzan_order_csv", rows, encoding="utf-8-sig")

        assert told("E20260525220543065300001") == {
            "status": "COMPLETED", "day": "2026-05-25", "goods": 19900, "shipping": 800, "total": 18700, "refunded": 2000, "lines": [],
        }  # fmt: skip
        order = Order.objects.get()
        assert (order.item_count, order.channel, order.store.name if order.store else "") == (3, "网店", "徐汇店")

    def test_wechat_shop(self, tmp_path: Path, reference_data: Path) -> None:
        common = {"订单号": "3705110000000000001", "订单下单时间": "2026/5/2 9:05", "支付时间": "2026/5/2 9:06", "订单状态": "已完成",
                  "收件人姓名": "李四", "收件人手机": "13900139000", "商品总价": "158.00", "订单实际支付金额": "150.00", "订单运费": "0.00",
                  "带货方式": "-"}  # fmt: skip
        rows = [
            {**common, "商品名称": "茶", "商品编码(平台)": "100", "商品价格(单件)": "98.00", "商品实际价格(总共)": "90.00", "商品数量": "1",
             "商品已退款金额": "0.00"},
            {**common, "商品名称": "杯", "商品编码(平台)": "101", "商品价格(单件)": "30.00", "商品实际价格(总共)": "60.00", "商品数量": "2",
             "商品已退款金额": "30.00"},
        ]  # fmt: skip
        brought(tmp_path, reference_data, "wechat_shop_order_xlsx", rows, encoding="utf-8")

        order = told("3705110000000000001")
        assert (order["status"], order["total"], order["refunded"]) == ("COMPLETED", 15000, 3000)
        assert [line[:2] for line in order["lines"]] == [("100", 1), ("101", 2)]
        assert Order.objects.get().channel == ""

    def test_1688(self, tmp_path: Path, reference_data: Path) -> None:
        rows = [
            {"订单编号": "1688000000000000001", "买家公司名": "示例商贸有限公司", "买家会员名": "b_甲", "卖家公司名": "示例厂", "卖家会员名": "厂",
             "货品总价(元)": "1,280.00", "运费": "20.00", "涨价或折扣(元)": "-80.00", "实付款": "1,220.00", "订单状态": "交易成功",
             "订单创建时间": "2026-04-01 09:00:00", "订单付款时间": "2026-04-01 09:05:00", "发货方": "示例厂"},
        ]  # fmt: skip
        brought(tmp_path, reference_data, "alibaba_1688_xlsx", rows, encoding="utf-8")

        assert told("1688000000000000001") == {
            "status": "COMPLETED", "day": "2026-04-01", "goods": 128000, "shipping": 2000, "total": 122000, "refunded": 0, "lines": [],
        }  # fmt: skip

    def test_shopify(self, tmp_path: Path, reference_data: Path) -> None:
        rows = [
            {"Name": "#1001", "Email": "zhang@example.com", "Financial Status": "partially_refunded", "Paid at": "2026-08-01 00:30:05 +0530",
             "Fulfillment Status": "fulfilled", "Currency": "USD", "Subtotal": "300.00", "Shipping": "5.00", "Total": "305.00",
             "Created at": "2026-08-01 00:30:00 +0530", "Lineitem quantity": "1", "Lineitem name": "Dress", "Lineitem price": "200.00",
             "Lineitem sku": "WZ-1", "Refunded Amount": "50.00", "Shipping Zip": "'310000"},
            {"Name": "#1001", "Email": "zhang@example.com", "Lineitem quantity": "2", "Lineitem name": "Scarf", "Lineitem price": "50.00",
             "Lineitem sku": "WZ-2"},
            {"Name": "#1002", "Email": "li@example.com", "Financial Status": "pending", "Currency": "USD", "Subtotal": "10.00",
             "Total": "10.00", "Created at": "2026-08-02 10:00:00 +0530", "Lineitem quantity": "1", "Lineitem name": "Cap",
             "Lineitem price": "10.00"},
        ]  # fmt: skip
        brought(tmp_path, reference_data, "shopify_orders_csv_79", rows, encoding="utf-8")

        assert told("#1001") == {
            "status": "SHIPPED", "day": "2026-08-01", "goods": 30000, "shipping": 500, "total": 30500, "refunded": 5000,
            "lines": [("WZ-1", 1, 20000), ("WZ-2", 2, 10000)],
        }  # fmt: skip
        assert Order.objects.get(number="#1001").currency == "USD"
        assert told("#1002")["status"] == "PLACED"

    def test_woocommerce(self, tmp_path: Path, reference_data: Path) -> None:
        common = {"Order Number": "5001", "Order Status": "Completed", "Order Date": "2026-08-01 10:00", "First Name (Billing)": "San",
                  "Last Name (Billing)": "Zhang", "Email (Billing)": "zhang@example.com", "Order Subtotal Amount": "300.00",
                  "Order Shipping Amount": "5.00", "Order Refund Amount": "0", "Order Total Amount": "305.00"}  # fmt: skip
        rows = [
            {
                **common,
                "Item #": "1",
                "SKU": "WZ-1",
                "Name": "Dress",
                "Quantity": "1",
                "Item Cost": "200.00",
                "Order Line Total": "200.00",
            },
            {
                **common,
                "Item #": "2",
                "SKU": "WZ-2",
                "Name": "Scarf",
                "Quantity": "2",
                "Item Cost": "50.00",
                "Order Line Total": "100.00",
            },
        ]
        brought(tmp_path, reference_data, "woocommerce_order_export_csv", rows, encoding="utf-8")

        assert told("5001") == {
            "status": "COMPLETED", "day": "2026-08-01", "goods": 30000, "shipping": 500, "total": 30500, "refunded": 0,
            "lines": [("WZ-1", 1, 20000), ("WZ-2", 2, 10000)],
        }  # fmt: skip

    def test_tiktok_shop(self, tmp_path: Path, reference_data: Path) -> None:
        common = {"Order ID": "577000000000000001\t", "Order Status": "Completed", "Order Amount": "35.50", "Order Refund Amount": "0",
                  "Created Time": "25/07/2026 10:00:00 AM\t", "Paid Time": "25/07/2026 10:01:00 AM\t", "Buyer Username": "buyer_a",
                  "Shipping Fee After Discount": "5.50"}  # fmt: skip
        rows = [
            {**common, "SKU ID": "1729\t", "Seller SKU": "WZ-1", "Product Name": "Dress", "Quantity": "1", "SKU Unit Original Price": "20.00",
             "SKU Subtotal After Discount": "20.00"},
            {**common, "SKU ID": "1730\t", "Seller SKU": "WZ-2", "Product Name": "Cap", "Quantity": "1", "SKU Unit Original Price": "10.00",
             "SKU Subtotal After Discount": "10.00"},
        ]  # fmt: skip
        brought(tmp_path, reference_data, "tiktok_shop_csv", rows, encoding="utf-8-sig")

        order = told("577000000000000001")
        assert (order["status"], order["total"], order["day"]) == ("COMPLETED", 3550, "2026-07-25")


@pytest.mark.once
def test_digits_lost_in_excel_are_kept_with_the_files_own_column(tmp_path: Path, reference_data: Path) -> None:
    row = {**TMALL_ORDER, "订单编号": "4.45567E+17"}

    view = brought(tmp_path, reference_data, "taobao_order_list_csv_classic", [row])

    kept = QuarantinedRow.objects.filter(source_id=view.id).get()
    assert (kept.row_number, kept.column, kept.reason_code) == (2, "订单编号", "excel_lost_digits")
    assert Order.objects.count() == 0


@pytest.mark.once
@pytest.mark.parametrize(
    "name", ["synthetic_taobao_ExportOrderList202403100001.csv", "synthetic_shopify_orders_export.csv"]
)
def test_however_a_sample_is_dressed_it_is_the_same(tmp_path: Path, reference_data: Path, name: str) -> None:
    import_path(reference_data / "export_formats" / name)
    before = store_content()
    cells = cells_of_file(reference_data / "export_formats" / name)
    backwards = [row[::-1] for row in cells]
    dressed = {
        "tabs.tsv": as_csv(cells, delimiter="\t").encode(),
        "packed.csv.gz": gzip.compress(as_csv(cells).encode("gb18030")),
        "marked.csv": as_csv(cells).encode("utf-8-sig"),
        "backwards.csv": as_csv(backwards).encode(),
        "spaces.csv": as_csv([[f" {cell} " for cell in cells[0]], *cells[1:]]).encode("gb18030"),
        "more.csv": as_csv([["新增列", *cells[0]], *(["x", *row] for row in cells[1:])]).encode(),
    }
    paths = [write_workbook(tmp_path / "book.xlsx", {"Sheet1": cells})]
    for file_name, content in dressed.items():
        paths.append(tmp_path / file_name)
        paths[-1].write_bytes(content)

    for path in paths:
        view = import_path(path)
        assert view.counts["unchanged"] == len(cells) - 1 - view.counts["quarantined"], path.name
        assert store_content() == before, path.name


def test_a_sample_cut_in_the_middle_keeps_the_whole_rows_and_says_which_is_cut(
    tmp_path: Path, reference_data: Path
) -> None:
    content = (
        reference_data / "export_formats" / "synthetic_taobao_ExportOrderDetailList202403100001.csv"
    ).read_bytes()
    path = tmp_path / "cut.csv"
    path.write_bytes(content[: content.index(b"89.00")])

    view = import_path(path)

    assert (view.counts["read"], view.counts["new"], view.counts["quarantined"]) == (2, 1, 1)
    assert adds_up(view)
    assert QuarantinedRow.objects.get().reason_code == "cut_off"


@pytest.mark.once
def test_a_known_export_without_its_quantities_is_refused_by_name(tmp_path: Path, reference_data: Path) -> None:
    header = header_of(reference_data, "jd_order_csv")
    header.remove("订购数量")

    with pytest.raises(FormatLacksColumns, match="订购数量"):
        import_text(tmp_path, as_csv([header, ["1"] * len(header)]))
