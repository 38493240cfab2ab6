"""Youzan: one row an order, the goods as one text."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.adjusting import MONEY, all_of, column, filled, holds, is_positive, with_column
from yutang.ingest.formats import FORMATS, Format
from yutang.ingest.values import ValueKind, parse
from yutang.kit.text import N_

_PIECES = re.compile(r"[(（](\d+)件[)）]")


def adjust(table: pa.Table) -> pa.Table:
    """Count the pieces in the text of the goods, find the guide, and tell refunded orders from unpaid ones."""
    goods = column(table, "title").dictionary_encode()
    counts = pa.array(
        [sum(map(int, _PIECES.findall(text))) or None for text in goods.dictionary.to_pylist()], pa.int64()
    )
    table = filled(table, "item_count", counts.take(goods.indices))
    for guide in ("_own_guide", "_distributor"):
        table = filled(table, "staff_name", parse(ValueKind.TEXT, column(table, guide)).values)
    was_paid = pc.is_valid(column(table, "paid_at"))
    refunded = all_of(
        holds(column(table, "status"), "关闭"), was_paid, is_positive(column(table, "refunded_amount", MONEY))
    )
    return with_column(table, "status", pc.if_else(refunded, "全额退款", column(table, "status")))


YOUZAN_ORDERS = FORMATS.register(
    Format(
        code="youzan_orders",
        title=N_("Youzan: orders"),
        platform="youzan",
        target="orders",
        grain="order",
        columns={
            "order_number": ("订单号", "订单编号"),
            "ordered_at": ("订单创建时间",),
            "paid_at": ("买家付款时间",),
            "status": ("订单状态",),
            "refund_status": ("订单退款状态",),
            "goods_amount": ("商品金额合计",),
            "shipping_amount": ("运费",),
            "total_amount": ("应收订单金额",),
            "paid_amount": ("订单实付金额",),
            "refunded_amount": ("订单已退款金额",),
            "title": ("全部商品名称",),
            "channel": ("销售渠道", "订单来源"),
            "shop_name": ("归属店铺",),
            "store_name": ("下单网点",),
            "staff_name": ("销售导购",),
            "_own_guide": ("专属导购",),
            "_distributor": ("分销员",),
            "customer_nickname": ("买家昵称",),
            "customer_phone": ("买家手机号",),
            "receiver_name": ("收货人/提货人",),
            "receiver_phone": ("收货人手机号/提货人手机号",),
            "province": ("收货人省份",),
            "city": ("收货人城市",),
            "district": ("收货人地区",),
            "address": ("详细收货地址/提货地址",),
        },
        signature=frozenset(
            {
                "订单号",
                "归属店铺",
                "应收订单金额",
                "订单实付金额",
                "全部商品名称",
                "买家付款时间",
                "商品金额合计",
                "收货人/提货人",
            }
        ),
        statuses={
            "待付款": "placed",
            "等待买家付款": "placed",
            "待接单": "paid",
            "待成团": "paid",
            "待发货": "paid",
            "已发货": "shipped",
            "待收货": "shipped",
            "交易完成": "completed",
            "交易成功": "completed",
            "已完成": "completed",
            "交易关闭": "cancelled",
            "已关闭": "cancelled",
            "全额退款": "refunded",
        },
        adjust=adjust,
    )
)
