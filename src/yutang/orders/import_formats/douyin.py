"""Douyin: one row a sub-order, sometimes several joined by ``;``; receivers are ciphertext."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.adjusting import (
    MONEY,
    all_of,
    column,
    divided,
    filled,
    holds,
    with_column,
    without_ciphertext,
)
from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_

#: Fields of which a joined row has one value a sub-order.
_JOINED = (
    "line_number",
    "product_name",
    "product_spec",
    "quantity",
    "_product_id",
    "product_code",
    "unit_price",
    "line_paid",
)


def prepare(batch: pa.RecordBatch, columns: Mapping[str, int]) -> pa.RecordBatch:
    """Give each of several sub-orders that share a row its own row, with the row's number."""
    if "line_number" not in columns:
        return batch
    numbers = batch.column(f"c{columns['line_number']}")
    joined = pc.fill_null(pc.match_substring_regex(numbers, r"\d\s*;\s*\d"), False)
    if not pc.any(joined).as_py():
        return batch
    rows: list[dict[str, object]] = []
    for row in batch.to_pylist():
        rows.extend(_split(row, columns))
    return pa.RecordBatch.from_pylist(rows, batch.schema)


def _split(row: dict[str, object], columns: Mapping[str, int]) -> list[dict[str, object]]:
    """Return one row a sub-order; a cell with another number of parts goes whole to the first."""
    number = str(row[f"c{columns['line_number']}"] or "")
    count = len(number.split(";")) if ";" in number else 1
    if count == 1:
        return [row]
    parts = [dict(row) for _ in range(count)]
    for field, at in columns.items():
        cell = row[f"c{at}"]
        if field in _JOINED and isinstance(cell, str) and cell.count(";") == count - 1:
            for part, value in zip(parts, cell.split(";"), strict=True):
                part[f"c{at}"] = value.strip()
        elif field in {"total_amount", "line_paid", "shipping_amount"}:
            for part in parts[1:]:
                part[f"c{at}"] = "0"
    return parts


def adjust(table: pa.Table) -> pa.Table:
    """Empty ciphertext, price the pieces where the file does not, and count what was refunded."""
    table = without_ciphertext(table, ("receiver_name", "address"))
    table = filled(table, "product_code", column(table, "_product_id"))
    paid = column(table, "line_paid", MONEY)
    table = filled(table, "unit_price", divided(paid, column(table, "quantity", pa.int64())))
    refunded = holds(column(table, "refund_status"), "退款成功")
    table = filled(table, "refunded_amount", pc.if_else(refunded, paid, pa.scalar(None, MONEY)))
    closed = all_of(refunded, holds(column(table, "status"), "已关闭"))
    return with_column(table, "status", pc.if_else(closed, "退款成功", column(table, "status")))


DOUYIN_ORDERS = FORMATS.register(
    Format(
        code="douyin_orders",
        title=N_("Douyin: orders"),
        platform="douyin",
        target="orders",
        grain="line",
        needs=("quantity", "line_paid"),
        columns={
            "order_number": ("主订单编号",),
            "line_number": ("子订单编号",),
            "ordered_at": ("订单提交时间",),
            "paid_at": ("支付完成时间",),
            "status": ("订单状态",),
            "refund_status": ("售后状态",),
            "close_reason": ("取消原因",),
            "product_name": ("选购商品",),
            "product_spec": ("商品规格",),
            "product_code": ("商家编码",),
            "_product_id": ("商品ID",),
            "quantity": ("商品数量",),
            "unit_price": ("商品单价",),
            "line_paid": ("订单应付金额",),
            "total_amount": ("订单应付金额",),
            "shipping_amount": ("运费",),
            "channel": ("流量来源", "APP渠道"),
            "store_code": ("所属门店ID",),
            "receiver_name": ("收件人",),
            "receiver_phone": ("收件人手机号",),
            "province": ("省",),
            "city": ("市",),
            "district": ("区",),
            "address": ("详细地址",),
        },
        signature=frozenset(
            {
                "主订单编号",
                "子订单编号",
                "选购商品",
                "订单应付金额",
                "收件人手机号",
                "订单提交时间",
                "平台实际承担优惠金额",
            }
        ),
        statuses={
            "待支付": "placed",
            "待付款": "placed",
            "待确认": "paid",
            "备货中": "paid",
            "待发货": "paid",
            "部分发货": "paid",
            "已支付": "paid",
            "已发货": "shipped",
            "已完成": "completed",
            "已收货": "completed",
            "已关闭": "cancelled",
            "已取消": "cancelled",
            "退款成功": "refunded",
        },
        summed=frozenset({"total_amount", "shipping_amount", "refunded_amount"}),
        prepare=prepare,
        adjust=adjust,
    )
)
