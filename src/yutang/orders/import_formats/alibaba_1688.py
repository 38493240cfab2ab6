"""1688: wholesale orders, one row an order."""

from __future__ import annotations

from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_

ALIBABA_1688_ORDERS = FORMATS.register(
    Format(
        code="alibaba_1688_orders",
        title=N_("1688: orders"),
        platform="alibaba_1688",
        target="orders",
        grain="order",
        columns={
            "order_number": ("订单编号",),
            "ordered_at": ("订单创建时间",),
            "paid_at": ("订单付款时间",),
            "status": ("订单状态",),
            "goods_amount": ("货品总价(元)", "货品总价"),
            "shipping_amount": ("运费", "运费(元)"),
            "total_amount": ("实付款", "实付款(元)"),
            "shop_name": ("卖家会员名",),
            "customer_nickname": ("买家会员名",),
            "customer_name": ("买家公司名",),
            "receiver_name": ("收货人姓名",),
            "receiver_phone": ("联系手机",),
            "address": ("收货地址",),
        },
        signature=frozenset({"买家公司名", "卖家公司名", "货品总价(元)", "涨价或折扣(元)", "实付款", "发货方"}),
        statuses={
            "等待买家付款": "placed",
            "等待卖家发货": "paid",
            "等待买家确认收货": "shipped",
            "已发货": "shipped",
            "已收货": "completed",
            "交易成功": "completed",
            "交易关闭": "cancelled",
            "交易取消": "cancelled",
        },
    )
)
