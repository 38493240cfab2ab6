"""JD: one row a product, the order's amounts repeated on each, phones masked."""

from __future__ import annotations

from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_

JD_ORDERS = FORMATS.register(
    Format(
        code="jd_orders",
        title=N_("JD: orders"),
        platform="jd",
        target="orders",
        grain="line",
        needs=("quantity", "unit_price"),
        columns={
            "order_number": ("订单号", "订单编号"),
            "ordered_at": ("下单时间",),
            "paid_at": ("付款确认时间",),
            "status": ("订单状态",),
            "product_code": ("商品ID", "货号"),
            "product_name": ("商品名称",),
            "quantity": ("订购数量",),
            "unit_price": ("京东价",),
            "goods_amount": ("订单金额",),
            "shipping_amount": ("运费金额",),
            "total_amount": ("应付金额", "结算金额"),
            "channel": ("订单来源", "订单渠道"),
            "customer_nickname": ("下单帐号", "下单账号"),
            "receiver_name": ("客户姓名",),
            "receiver_phone": ("联系电话",),
            "address": ("客户地址",),
        },
        signature=frozenset({"订单号", "京东价", "订购数量", "结算金额", "下单帐号", "付款确认时间", "应付金额"}),
        statuses={
            "等待付款": "placed",
            "等待付款确认": "placed",
            "等待出库": "paid",
            "等待打印": "paid",
            "等待发货": "paid",
            "锁定": "paid",
            "等待确认收货": "shipped",
            "已出库": "shipped",
            "已发货": "shipped",
            "完成": "completed",
            "已完成": "completed",
            "(删除)等待出库": "cancelled",
            "(锁定)等待出库": "paid",
            "已取消": "cancelled",
            "已删除": "cancelled",
            "取消": "cancelled",
        },
    )
)
