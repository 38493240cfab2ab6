"""Qianniu's workbook of three sheets; its sales details are read as `taobao_suborders`."""

from __future__ import annotations

from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_
from yutang.orders.import_formats.taobao import STATUSES, adjust_orders

QIANNIU_ORDERS = FORMATS.register(
    Format(
        code="qianniu_orders",
        title=N_("Qianniu: orders"),
        platform="taobao",
        target="orders",
        grain="order",
        columns={
            "order_number": ("订单编号", "主订单编号"),
            "ordered_at": ("订单创建时间",),
            "paid_at": ("订单付款时间",),
            "status": ("订单状态",),
            "goods_amount": ("买家应付货款",),
            "total_amount": ("买家应付货款",),
            "address": ("收货地址",),
        },
        signature=frozenset(
            {"订单编号", "收货地址", "物流公司", "物流单号", "买家应付货款", "订单状态", "订单创建时间"}
        ),
        statuses=STATUSES,
        adjust=adjust_orders,
    )
)

QIANNIU_SHIPMENTS = FORMATS.register(
    Format(
        code="qianniu_shipments",
        title=N_("Qianniu: shipments"),
        platform="taobao",
        target="orders",
        grain="order",
        columns={
            "order_number": ("订单编号", "主订单编号"),
            "receiver_name": ("收货人姓名",),
            "receiver_phone": ("联系手机",),
            "address": ("收货地址",),
            "_landline": ("联系电话",),
        },
        signature=frozenset({"订单编号", "收货人姓名", "联系手机", "联系电话", "收货地址"}),
        adjust=adjust_orders,
    )
)
