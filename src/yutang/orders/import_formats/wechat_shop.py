"""WeChat shop: one row a product, the order's amounts on each."""

from __future__ import annotations

import pyarrow as pa

from yutang.ingest.adjusting import column, filled, without_ciphertext
from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_


def adjust(table: pa.Table) -> pa.Table:
    """Fall back on the platform's own product code; empty ciphertext."""
    table = filled(table, "product_code", column(table, "_platform_code"))
    return without_ciphertext(table, ("receiver_name", "address"))


WECHAT_SHOP_ORDERS = FORMATS.register(
    Format(
        code="wechat_shop_orders",
        title=N_("WeChat shop: orders"),
        platform="wechat_shop",
        target="orders",
        grain="line",
        needs=("quantity", "unit_price"),
        columns={
            "order_number": ("订单号",),
            "ordered_at": ("订单下单时间",),
            "paid_at": ("支付时间",),
            "status": ("订单状态",),
            "refund_status": ("商品售后",),
            "product_name": ("商品名称",),
            "product_code": ("SKU编码(自定义)", "SKU编码_自定义", "商品编码(自定义)", "商品编码_自定义"),
            "_platform_code": ("商品编码(平台)", "商品编码_平台"),
            "product_spec": ("商品属性",),
            "quantity": ("商品数量",),
            "unit_price": ("商品价格(单件)", "商品价格_单件"),
            "line_paid": ("商品实际价格(总共)", "商品实际价格_总共"),
            "goods_amount": ("商品总价",),
            "shipping_amount": ("订单运费",),
            "total_amount": ("订单实际支付金额",),
            "refunded_amount": ("商品已退款金额",),
            "channel": ("带货方式",),
            "receiver_name": ("收件人姓名",),
            "receiver_phone": ("收件人手机",),
            "province": ("省",),
            "city": ("市",),
            "district": ("区",),
            "address": ("收件人地址",),
        },
        signature=frozenset(
            {
                "订单号",
                "订单下单时间",
                "订单实际支付金额",
                "订单实际收款金额",
                "收件人手机",
                "带货方式",
                "商品已退款金额",
            }
        ),
        statuses={
            "待付款": "placed",
            "待发货": "paid",
            "部分发货": "paid",
            "待收货": "shipped",
            "已发货": "shipped",
            "已完成": "completed",
            "完成": "completed",
            "已取消": "cancelled",
            "订单取消": "cancelled",
            "全部商品售后之后,订单取消": "refunded",
        },
        summed=frozenset({"refunded_amount"}),
        adjust=adjust,
    )
)
