"""WooCommerce, by the plug-in "Advanced Order Export" in its default layout."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.adjusting import column, with_column
from yutang.ingest.formats import FORMATS, Format
from yutang.kit.text import N_


def adjust(table: pa.Table) -> pa.Table:
    """Put first and last names together."""
    for whole, last in (("customer_name", "_billing_last_name"), ("receiver_name", "_shipping_last_name")):
        if last in table.column_names:
            parts = [pc.fill_null(column(table, name), "") for name in (whole, last)]
            names = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, " "))
            table = with_column(table, whole, pc.if_else(pc.equal(names, ""), pa.scalar(None, pa.string()), names))
    return table


WOOCOMMERCE_ORDERS = FORMATS.register(
    Format(
        code="woocommerce_orders",
        title=N_("WooCommerce: orders"),
        platform="woocommerce",
        target="orders",
        grain="line",
        needs=("quantity", "unit_price"),
        columns={
            "order_number": ("Order Number",),
            "ordered_at": ("Order Date",),
            "status": ("Order Status",),
            "line_number": ("Item #",),
            "product_code": ("SKU",),
            "product_name": ("Name", "Item Name"),
            "product_spec": ("Product Variation",),
            "product_category": ("Category", "Product Category"),
            "quantity": ("Quantity",),
            "unit_price": ("Item Cost",),
            "line_paid": ("Order Line Total",),
            "goods_amount": ("Order Subtotal Amount",),
            "shipping_amount": ("Order Shipping Amount",),
            "total_amount": ("Order Total Amount",),
            "refunded_amount": ("Order Refund Amount",),
            "customer_name": ("First Name (Billing)",),
            "_billing_last_name": ("Last Name (Billing)",),
            "customer_email": ("Email (Billing)",),
            "customer_phone": ("Phone (Billing)",),
            "receiver_name": ("First Name (Shipping)",),
            "_shipping_last_name": ("Last Name (Shipping)",),
            "country": ("Country Code (Shipping)", "Country Code (Billing)"),
            "province": ("State Code (Shipping)", "State Code (Billing)"),
            "city": ("City (Shipping)", "City (Billing)"),
            "address": ("Address 1&2 (Shipping)", "Address 1&2 (Billing)"),
        },
        signature=frozenset(
            {
                "Order Number",
                "Order Status",
                "First Name (Billing)",
                "Email (Billing)",
                "Item Cost",
                "Order Line Total",
                "Order Total Amount",
            }
        ),
        statuses={
            "pending payment": "placed",
            "pending": "placed",
            "on hold": "placed",
            "on-hold": "placed",
            "draft": "placed",
            "processing": "paid",
            "completed": "completed",
            "cancelled": "cancelled",
            "failed": "cancelled",
            "refunded": "refunded",
        },
        adjust=adjust,
    )
)
