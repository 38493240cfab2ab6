"""Shopify: one row a line; only the first row of an order says what the order is, the others repeat its name."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.adjusting import MONEY, all_of, column, filled, holds, is_positive, with_column
from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_


def adjust(table: pa.Table) -> pa.Table:
    """Let cancellation and shipment show in the status, which Shopify keeps for the payment only."""
    status = column(table, "status")
    shipped = all_of(holds(column(table, "_fulfilment"), "^fulfilled$"), holds(status, "paid|refunded"))
    cancelled = all_of(
        pc.is_valid(column(table, "_cancelled_at")), pc.invert(is_positive(column(table, "refunded_amount", MONEY)))
    )
    fully = holds(status, "^refunded$")
    status = pc.if_else(pc.and_(shipped, pc.invert(fully)), "fulfilled", status)
    table = with_column(table, "status", pc.if_else(pc.and_(cancelled, pc.invert(fully)), "cancelled", status))
    return filled(table, "province", column(table, "_province_code"))


SHOPIFY_ORDERS = FORMATS.register(
    Format(
        code="shopify_orders",
        title=N_("Shopify: orders"),
        platform="shopify",
        target="orders",
        grain="line",
        needs=("quantity", "unit_price"),
        columns={
            "order_number": ("Name",),
            "ordered_at": ("Created at",),
            "paid_at": ("Paid at",),
            "status": ("Financial Status",),
            "_fulfilment": ("Fulfillment Status",),
            "_cancelled_at": ("Cancelled at", "Canceled at"),
            "currency": ("Currency",),
            "product_code": ("Lineitem sku",),
            "product_name": ("Lineitem name",),
            "quantity": ("Lineitem quantity",),
            "unit_price": ("Lineitem price",),
            "goods_amount": ("Subtotal",),
            "shipping_amount": ("Shipping",),
            "total_amount": ("Total",),
            "refunded_amount": ("Refunded Amount",),
            "channel": ("Source",),
            "store_name": ("Location",),
            "staff_name": ("Employee",),
            "customer_email": ("Email",),
            "customer_phone": ("Phone", "Billing Phone"),
            "customer_name": ("Billing Name",),
            "receiver_name": ("Shipping Name",),
            "receiver_phone": ("Shipping Phone",),
            "country": ("Shipping Country", "Billing Country"),
            "province": ("Shipping Province Name", "Billing Province Name"),
            "_province_code": ("Shipping Province",),
            "city": ("Shipping City", "Billing City"),
            "address": ("Shipping Street", "Shipping Address1"),
        },
        signature=frozenset(
            {
                "Financial Status",
                "Fulfillment Status",
                "Lineitem quantity",
                "Lineitem name",
                "Lineitem price",
                "Created at",
            }
        ),
        statuses={
            "pending": "placed",
            "authorized": "placed",
            "partially_paid": "placed",
            "paid": "paid",
            "fulfilled": "shipped",
            "partially_refunded": "paid",
            "refunded": "refunded",
            "voided": "cancelled",
            "expired": "cancelled",
            "cancelled": "cancelled",
        },
        adjust=adjust,
    )
)
