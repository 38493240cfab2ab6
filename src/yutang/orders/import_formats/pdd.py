"""Pinduoduo: one row an order of one product; the order number begins with its day."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.adjusting import MONEY, column, divided, emptied, filled, holds, local_day, with_column
from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_

_NO_AFTER_SALES = "^无售后"


def adjust(table: pa.Table) -> pa.Table:
    """Date undated orders by their number, price the pieces, and turn a refunded order's total into its refund."""
    table = local_day(table, "ordered_at", day_of_number(column(table, "order_number")))
    table = filled(table, "product_code", column(table, "_product_id"))
    table = emptied(table, "refund_status", holds(column(table, "refund_status"), _NO_AFTER_SALES))
    each = divided(column(table, "goods_amount", MONEY), column(table, "quantity", pa.int64()))
    table = filled(table, "unit_price", each)
    refunded = pc.or_(holds(column(table, "refund_status"), "退款成功"), holds(column(table, "status"), "退款成功"))
    total = pc.if_else(refunded, column(table, "total_amount", MONEY), pa.scalar(None, MONEY))
    table = filled(table, "refunded_amount", total)
    return with_column(table, "status", pc.if_else(refunded, "退款成功", column(table, "status")))


def day_of_number(numbers: pa.StringArray) -> pa.Array:
    """Return the day that an order number such as ``260517-607198974300001`` begins with, empty where it is none."""
    days = pc.struct_field(pc.extract_regex(numbers, r"^(?P<day>\d{6})-\d{6,}$"), "day")
    text = pc.binary_join_element_wise("20", days, "")
    times = pc.strptime(text, "%Y%m%d", "s", error_is_null=True)
    # The parser rolls the 31st of June over into July.
    exists = pc.equal(pc.strftime(times, "%Y%m%d"), text)
    return pc.cast(pc.if_else(exists, times, pa.scalar(None, times.type)), pa.date32())


PDD_ORDERS = FORMATS.register(
    Format(
        code="pdd_orders",
        title=N_("Pinduoduo: orders"),
        platform="pdd",
        target="orders",
        grain="line",
        needs=("quantity", "goods_amount"),
        columns={
            "order_number": ("订单号",),
            "ordered_at": ("订单成交时间", "拼单成功时间", "支付时间"),
            "paid_at": ("支付时间", "订单成交时间"),
            "status": ("订单状态",),
            "refund_status": ("售后状态",),
            "product_name": ("商品",),
            "product_code": ("商家编码-SKU维度", "商家编码-规格维度", "商家编码-商品维度"),
            "_product_id": ("商品id",),
            "product_spec": ("商品规格",),
            "quantity": ("商品数量(件)", "商品数量"),
            "goods_amount": ("商品总价(元)", "商品总价"),
            "shipping_amount": ("邮费(元)", "邮费"),
            "total_amount": ("用户实付金额(元)", "用户实付金额"),
            "store_code": ("门店自定义编码",),
            "store_name": ("门店名称",),
            "receiver_name": ("收货人",),
            "receiver_phone": ("手机",),
            "customer_phone": ("用户购买手机号",),
            "province": ("省",),
            "city": ("市",),
            "district": ("区",),
        },
        signature=frozenset(
            {
                "订单号",
                "商品总价(元)",
                "邮费(元)",
                "店铺优惠折扣(元)",
                "平台优惠折扣(元)",
                "用户实付金额(元)",
                "商品数量(件)",
                "样式ID",
            }
        ),
        statuses={
            "待付款": "placed",
            "待支付": "placed",
            "待成团": "paid",
            "待发货": "paid",
            "已支付": "paid",
            "已发货,待收货": "shipped",
            "已发货,待签收": "shipped",
            "已发货": "shipped",
            "已收货": "completed",
            "已签收": "completed",
            "交易成功": "completed",
            "已取消": "cancelled",
            "已取消,未付款": "cancelled",
            "未发货,退款成功": "refunded",
            "已发货,退款成功": "refunded",
            "已收货,退款成功": "refunded",
            "退款成功": "refunded",
        },
        adjust=adjust,
    )
)
