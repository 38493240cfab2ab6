"""What files may bring about orders: order and line rows, and refund rows."""

from __future__ import annotations

from collections.abc import Mapping

from yutang.customers.drafting import facts_for_drafts
from yutang.customers.person_fields import PERSON_FIELDS
from yutang.ingest.targets import TARGETS, Drafting, Field, Target
from yutang.ingest.values import ValueKind
from yutang.kit.text import N_
from yutang.orders.loading.drafting import draft_orders, load_drafted_orders
from yutang.orders.loading.drafting import suits as suits_drafting
from yutang.orders.loading.judging import IGNORED, PROBLEMS, judge_orders, judge_refunds
from yutang.orders.loading.matching import match_refunds
from yutang.orders.loading.orders import load_orders
from yutang.orders.loading.refunds import load_refunds
from yutang.orders.loading.undoing import undo_orders

_ORDER_NUMBER = Field("order_number", ValueKind.ID, N_("Order number"), required=True)

ORDER_FIELDS: tuple[Field, ...] = (
    _ORDER_NUMBER,
    Field("line_number", ValueKind.ID, N_("Line number")),
    Field("ordered_at", ValueKind.DATETIME, N_("Order time")),
    Field("paid_at", ValueKind.DATETIME, N_("Payment time")),
    Field("status", ValueKind.TEXT, N_("Order status")),
    Field("close_reason", ValueKind.TEXT, N_("Reason for closing")),
    Field("refund_status", ValueKind.TEXT, N_("Refund status")),
    Field("currency", ValueKind.CURRENCY, N_("Currency")),
    Field("product_code", ValueKind.ID, N_("Product code")),
    Field("product_name", ValueKind.TEXT, N_("Product name")),
    Field("product_spec", ValueKind.TEXT, N_("Product variant")),
    Field("product_category", ValueKind.TEXT, N_("Product category")),
    Field("quantity", ValueKind.INTEGER, N_("Quantity")),
    Field("unit_price", ValueKind.MONEY, N_("Unit price")),
    Field("line_paid", ValueKind.MONEY, N_("Paid for the line")),
    Field("goods_amount", ValueKind.MONEY, N_("Goods amount")),
    Field("shipping_amount", ValueKind.MONEY, N_("Shipping")),
    Field("total_amount", ValueKind.MONEY, N_("Order total")),
    Field("paid_amount", ValueKind.MONEY, N_("Paid amount")),
    Field("refunded_amount", ValueKind.MONEY, N_("Refunded amount")),
    Field("item_count", ValueKind.INTEGER, N_("Number of items")),
    Field("title", ValueKind.TEXT, N_("Title of the goods")),
    Field("channel", ValueKind.TEXT, N_("Channel")),
    Field("store_code", ValueKind.ID, N_("Store code")),
    Field("store_name", ValueKind.TEXT, N_("Store name")),
    Field("staff_name", ValueKind.TEXT, N_("Member of staff")),
    Field("shop_name", ValueKind.TEXT, N_("Shop name")),
    *PERSON_FIELDS,
)

#: Fields that say what an order costs; quantity and unit price do it together.
_AMOUNTS = {"total_amount", "paid_amount", "goods_amount", "line_paid"}
_WARNINGS = {
    "no_amount": N_(
        "No column says an amount: the orders come in without money and add nothing to sales. If the file holds amounts, change "
        "the columns before you import it."
    ),
    "no_date": N_(
        "No column says when an order was placed: the orders come in without a date and count as no sale until another file dates them."
    ),
    "goods_without_prices": N_(
        "Goods are named without quantity and unit price: the orders come in without their goods, and an amount that stands "
        "on several rows of one order counts once."
    ),
}


def _doubts(columns: Mapping[str, int]) -> list[str]:
    """Say what orders of these columns will lack."""
    found = [] if "ordered_at" in columns else ["no_date"]
    if not (_AMOUNTS & columns.keys() or {"quantity", "unit_price"} <= columns.keys()):
        found.append("no_amount")
    if {"product_code", "product_name"} & columns.keys() and not {"quantity", "unit_price"} <= columns.keys():
        found.append("goods_without_prices")
    return found


ORDERS = TARGETS.register(
    Target(
        code="orders",
        title=N_("Orders"),
        fields=ORDER_FIELDS,
        group_key="order_number",
        near=("customer_member_no", "customer_nickname", "customer_phone", "receiver_phone", "customer_email"),
        judge=judge_orders,
        load=load_orders,
        finish=match_refunds,
        undo=undo_orders,
        drafting=Drafting(suits=suits_drafting, facts=facts_for_drafts, make=draft_orders, load=load_drafted_orders),
        doubts=_doubts,
        warnings=_WARNINGS,
        problems=PROBLEMS,
        ignored=IGNORED,
    )
)

REFUNDS = TARGETS.register(
    Target(
        code="refunds",
        title=N_("Refunds"),
        fields=(
            Field("refund_number", ValueKind.ID, N_("Refund number"), required=True),
            _ORDER_NUMBER,
            Field("product_name", ValueKind.TEXT, N_("Product name")),
            Field("product_code", ValueKind.ID, N_("Product code")),
            Field("amount", ValueKind.MONEY, N_("Refund amount"), required=True),
            Field("status", ValueKind.TEXT, N_("Refund status")),
            Field("refunded_at", ValueKind.DATETIME, N_("Refund time")),
            Field("paid_at", ValueKind.DATETIME, N_("Payment time")),
            Field("customer_nickname", ValueKind.TEXT, N_("Shop nickname")),
            Field("total_amount", ValueKind.MONEY, N_("Order total")),
        ),
        group_key="refund_number",
        judge=judge_refunds,
        load=load_refunds,
        finish=match_refunds,
        undo=undo_orders,
        problems=PROBLEMS,
        ignored=IGNORED,
    )
)
