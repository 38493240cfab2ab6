"""TikTok Shop: one row a product, the order's amount on each; the order of day and month varies by market."""

from __future__ import annotations

import pyarrow as pa

from yutang.ingest.adjusting import column, filled
from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_


def adjust(table: pa.Table) -> pa.Table:
    """Fall back on the platform's own product code."""
    return filled(table, "product_code", column(table, "_sku_id"))


TIKTOK_SHOP_ORDERS = FORMATS.register(
    Format(
        code="tiktok_shop_orders",
        title=N_("TikTok Shop: orders"),
        platform="tiktok_shop",
        target="orders",
        grain="line",
        needs=("quantity", "unit_price"),
        columns={
            "order_number": ("Order ID",),
            "ordered_at": ("Created Time",),
            "paid_at": ("Paid Time",),
            "status": ("Order Status",),
            "product_code": ("Seller SKU",),
            "_sku_id": ("SKU ID",),
            "product_name": ("Product Name",),
            "product_spec": ("Variation",),
            "product_category": ("Product Category",),
            "quantity": ("Quantity",),
            "unit_price": ("SKU Unit Original Price",),
            "line_paid": ("SKU Subtotal After Discount",),
            "shipping_amount": ("Shipping Fee After Discount",),
            "total_amount": ("Order Amount",),
            "refunded_amount": ("Order Refund Amount",),
            "customer_nickname": ("Buyer Username",),
            "receiver_name": ("Recipient",),
            "receiver_phone": ("Phone #",),
            "country": ("Country",),
            "province": ("State", "Province"),
            "city": ("Post Town", "City"),
            "address": ("Detail Address",),
        },
        signature=frozenset(
            {
                "Order ID",
                "Order Substatus",
                "Seller SKU",
                "SKU Unit Original Price",
                "Order Amount",
                "Created Time",
                "Buyer Username",
            }
        ),
        statuses={
            "unpaid": "placed",
            "on hold": "placed",
            "to ship": "paid",
            "awaiting shipment": "paid",
            "awaiting collection": "paid",
            "shipped": "shipped",
            "in transit": "shipped",
            "delivered": "completed",
            "completed": "completed",
            "canceled": "cancelled",
            "cancelled": "cancelled",
        },
        adjust=adjust,
    )
)
