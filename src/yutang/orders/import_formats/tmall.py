"""Tmall: refunds."""

from __future__ import annotations

from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_

TMALL_REFUNDS = FORMATS.register(
    Format(
        code="tmall_refunds",
        title=N_("Tmall: refunds"),
        platform="taobao",
        target="refunds",
        grain="row",
        columns={
            "refund_number": ("退款编号",),
            "order_number": ("订单编号",),
            "product_name": ("宝贝标题",),
            "product_code": ("商家编码",),
            "amount": ("买家退款金额",),
            "status": ("退款状态",),
            "refunded_at": ("退款完结时间", "完结时间"),
            "paid_at": ("订单付款时间",),
            "customer_nickname": ("买家会员名称",),
            "total_amount": ("买家实际支付金额",),
        },
        signature=frozenset(
            {"退款编号", "买家退款金额", "退款状态", "退款的申请时间", "手工退款/系统退款", "货物状态"}
        ),
        keys=("refund_number", "order_number", "amount"),
        statuses={"退款成功": "refunded", "退款关闭": "cancelled"},
    )
)
