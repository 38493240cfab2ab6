"""Taobao and Tmall: order report, item report, and the newer report of sub-orders."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.adjusting import (
    MONEY,
    all_of,
    any_of,
    column,
    emptied,
    filled,
    holds,
    is_positive,
    with_column,
    without_ciphertext,
)
from yutang.ingest.formats import FORMATS, Format
from yutang.ingest.values import ValueKind, parse
from yutang.ingest.values.phones import person_in_address
from yutang.kit.text import N_

STATUSES = {
    "等待买家付款": "placed",
    "定金已付,等待付尾款": "placed",
    "等待分阶段付款": "placed",
    "买家已付款,等待卖家发货": "paid",
    "买家已付款": "paid",
    "卖家部分发货": "paid",
    "卖家已发货,等待买家确认": "shipped",
    "卖家已发货": "shipped",
    "交易成功": "completed",
    "交易关闭": "cancelled",
    "交易自动关闭": "cancelled",
    "退款成功": "refunded",
    "退款中": "paid",
}
_REGION = r"^(?P<province>[^\s\d]{2,10})\s(?P<city>[^\s\d]{2,12})\s(?P<district>[^\s\d]{2,12})(?:\s|$)"  # 省 市 区 街道


def adjust_orders(table: pa.Table) -> pa.Table:
    """Tell refunds from unpaid orders, and receivers from addresses; virtual numbers are nobody's."""
    virtual = pc.is_valid(column(table, "_virtual_until"))
    table = emptied(table, "receiver_phone", virtual)
    if "_landline" in table.column_names:
        landline = parse(ValueKind.PHONE, column(table, "_landline")).values
        table = filled(table, "receiver_phone", pc.struct_field(landline, "e164"))
    table = without_ciphertext(receiver_of_address(table), ("receiver_name", "address"))
    return refund_told_apart(payout_as_refund(table))


def receiver_of_address(table: pa.Table) -> pa.Table:
    """Take name and phone out of addresses that begin with them, and split ``省 市 区``."""
    if "address" not in table.column_names:
        return table
    person = person_in_address(column(table, "address"))
    address = pc.struct_field(person, "address")
    table = filled(table, "receiver_name", pc.struct_field(person, "name"))
    phone = pc.struct_field(person, "phone")
    table = filled(table, "receiver_phone", pc.struct_field(phone, "e164"))
    table = with_column(table, "address", address)
    region = pc.extract_regex(address, _REGION)
    for level in ("province", "city", "district"):
        table = filled(table, level, pc.struct_field(region, level))
    return table


def payout_as_refund(table: pa.Table) -> pa.Table:
    """Where a finished order paid out less than the buyer paid and states no refund, the difference was refunded."""
    if "_paid_out" not in table.column_names:
        return table
    paid = column(table, "paid_amount", MONEY)
    paid_out = parse(ValueKind.MONEY, column(table, "_paid_out")).values
    finished = holds(column(table, "status"), "^交易成功$")
    less = all_of(finished, is_positive(paid_out), pc.fill_null(pc.less(paid_out, paid), False))
    difference = pc.cast(pc.subtract(paid, paid_out), MONEY)
    return filled(table, "refunded_amount", pc.if_else(less, difference, pa.scalar(None, MONEY)))


def refund_told_apart(table: pa.Table) -> pa.Table:
    """Call a closed order refunded where money had been paid and went back."""
    closed = holds(column(table, "status"), "关闭")
    was_paid = pc.is_valid(column(table, "paid_at"))
    went_back = any_of(
        is_positive(column(table, "refunded_amount", MONEY)),
        holds(column(table, "close_reason"), "退款|退货"),
        holds(column(table, "refund_status"), "退款成功"),
    )
    refunded = all_of(closed, was_paid, went_back)
    return with_column(table, "status", pc.if_else(refunded, "退款成功", column(table, "status")))


TAOBAO_ORDERS = FORMATS.register(
    Format(
        code="taobao_orders",
        title=N_("Taobao and Tmall: order report"),
        platform="taobao",
        target="orders",
        grain="order",
        columns={
            "order_number": ("订单编号", "主订单编号"),
            "ordered_at": ("订单创建时间",),
            "paid_at": ("订单付款时间",),
            "status": ("订单状态",),
            "close_reason": ("订单关闭原因",),
            "goods_amount": ("买家应付货款",),
            "shipping_amount": ("买家应付邮费",),
            "total_amount": ("总金额",),
            "paid_amount": ("买家实际支付金额",),
            "refunded_amount": ("退款金额",),
            "item_count": ("宝贝总数量",),
            "title": ("宝贝标题",),
            "shop_name": ("店铺名称",),
            "store_code": ("新零售成交门店id", "新零售导购门店id"),
            "store_name": ("新零售成交门店名称", "新零售导购门店名称", "预约门店"),
            "customer_nickname": ("买家会员名",),
            "receiver_name": ("收货人姓名",),
            "receiver_phone": ("联系手机",),
            "address": ("收货地址",),
            "_landline": ("联系电话",),
            "_virtual_until": ("虚拟号过期时间",),
            "_paid_out": ("打款商家金额",),
        },
        signature=frozenset(
            {
                "买家会员名",
                "买家应付货款",
                "买家应付邮费",
                "买家实际支付金额",
                "订单创建时间",
                "宝贝标题",
                "收货人姓名",
                "总金额",
            }
        ),
        statuses=STATUSES,
        adjust=adjust_orders,
    )
)

TAOBAO_ITEMS = FORMATS.register(
    Format(
        code="taobao_items",
        title=N_("Taobao and Tmall: item report"),
        platform="taobao",
        target="orders",
        grain="line",
        needs=("quantity", "unit_price"),
        columns={
            "order_number": ("订单编号", "主订单编号"),
            "product_name": ("标题", "宝贝标题"),
            "product_code": ("商家编码", "外部系统编号"),
            "product_spec": ("商品属性", "规格名称"),
            "quantity": ("购买数量",),
            "unit_price": ("价格",),
            "status": ("订单状态",),
        },
        signature=frozenset({"标题", "价格", "购买数量", "外部系统编号", "套餐信息", "商家编码"}),
        statuses=STATUSES,
    )
)

TAOBAO_SUBORDERS = FORMATS.register(
    Format(
        code="taobao_suborders",
        title=N_("Taobao and Tmall: sales details (sub-orders)"),
        platform="taobao",
        target="orders",
        grain="line",
        needs=("quantity", "unit_price"),
        columns={
            "order_number": ("主订单编号", "订单编号"),
            "line_number": ("子订单编号",),
            "ordered_at": ("订单创建时间",),
            "paid_at": ("订单付款时间",),
            "status": ("订单状态",),
            "refund_status": ("退款状态",),
            "product_name": ("商品标题",),
            "product_code": ("商家编码", "外部系统编号", "商品ID"),
            "product_spec": ("商品属性",),
            "quantity": ("购买数量",),
            "unit_price": ("商品价格",),
            "line_paid": ("买家实付金额", "买家应付货款"),
            "total_amount": ("买家实付金额", "买家应付货款"),
            "refunded_amount": ("退款金额",),
        },
        signature=frozenset({"子订单编号", "主订单编号", "商品标题", "商品价格", "购买数量", "商品属性"}),
        statuses=STATUSES,
        summed=frozenset({"total_amount", "refunded_amount"}),
    )
)
