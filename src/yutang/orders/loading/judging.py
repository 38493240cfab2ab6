"""Row rules of orders and refunds: what cannot be taken, what is rightly left out, and the money of each row."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from yutang.ingest.money_columns import currencies_of, micro_of, rounded_micro, to_minor_array
from yutang.ingest.targets import LoadContext, Verdicts
from yutang.kit.text import N_

PROBLEMS = {
    "missing": N_("Row %(row)s: the column “%(column)s” is empty, and without it the row cannot be placed."),
    "negative_price": N_(
        "Row %(row)s: the price %(value)s in “%(column)s” is negative. "
        "Correct it, or dismiss the row if it is a booking entry."
    ),
    "no_date": N_("Row %(row)s: no order date in “%(column)s”, and the order number does not carry one."),
    "no_quantity": N_("Row %(row)s: the quantity in “%(column)s” is missing."),
    "too_large": N_(
        "Row %(row)s: quantity times price in “%(column)s” comes to over a thousand million. Check the cell."
    ),
    "no_price": N_("Row %(row)s: the price in “%(column)s” is missing."),
}

IGNORED = {
    "stock_movement": N_("stock movement: no money and no customer"),
    "refund_not_done": N_("refund refused, closed or still open"),
}

_NOTHING = pa.scalar(None, pa.string())
#: States of a refund export in which no money has flowed.
_REFUND_NOT_DONE = "关闭|拒绝|撤销|等待|待处理|待卖家|待买家|申请中|处理中|closed|rejected|pending|cancel"


def judge_orders(table: pa.Table, context: LoadContext) -> Verdicts:
    """Return the verdicts on rows of orders or order lines."""
    rows = table.num_rows
    refused, column = pa.nulls(rows, pa.string()), pa.nulls(rows, pa.string())
    ignored = pa.nulls(rows, pa.string())
    amount = row_amount_minor(table, context)
    if context.grain == "line" and "unit_price" in table.column_names:
        price, quantity = _flat(table, "unit_price"), _flat(table, "quantity")
        refused, column = _refuse(refused, column, pc.is_null(quantity), "no_quantity", "quantity")
        refused, column = _refuse(refused, column, pc.is_null(price), "no_price", "unit_price")
        refused, column = _refuse(refused, column, pc.less(price, 0), "negative_price", "unit_price")
        refused, column = _refuse(refused, column, is_too_large(table), "too_large", "unit_price")
        ignored = pc.if_else(
            pc.and_(_is_stock_movement(table, context), pc.is_null(refused)), "stock_movement", _NOTHING
        )
    if "ordered_at" in table.column_names:
        # Item reports carry no date at all: their orders wait for the order report. A file that has dates must fill them.
        dated = pc.is_null(_flat(table, "ordered_at"))
        if context.platform == "shopify":
            dated = pa.array([False] * rows)  # continuation rows of an order are blank
        refused, column = _refuse(refused, column, dated, "no_date", "ordered_at")
    return Verdicts(refused, column, ignored, amount)


def judge_refunds(table: pa.Table, context: LoadContext) -> Verdicts:
    """Return the verdicts on rows of a refund export."""
    rows = table.num_rows
    ignored = pa.nulls(rows, pa.string())
    if "status" in table.column_names:
        open_or_refused = pc.match_substring_regex(
            pc.fill_null(_flat(table, "status"), ""), _REFUND_NOT_DONE, ignore_case=True
        )
        ignored = pc.if_else(open_or_refused, "refund_not_done", _NOTHING)
    amount = pc.negate(to_minor_array(_flat(table, "amount"), currencies_of(table, context)))
    return Verdicts(pa.nulls(rows, pa.string()), pa.nulls(rows, pa.string()), ignored, pc.fill_null(amount, 0))


def row_amount_minor(table: pa.Table, context: LoadContext) -> pa.Array:
    """Return the money of each row in minor units: quantity x price of a line, else the goods amount or total of an order."""
    names = set(table.column_names)
    if {"quantity", "unit_price"} <= names and context.grain == "line":
        micro = pc.multiply(micro_of(_flat(table, "unit_price")), pc.fill_null(_flat(table, "quantity"), 0))
    else:
        stated = [_flat(table, n) for n in ("goods_amount", "total_amount", "paid_amount") if n in names]
        micro = micro_of(pc.coalesce(*stated)) if stated else pa.array([0] * table.num_rows, pa.int64())
    return pc.fill_null(rounded_micro(micro, currencies_of(table, context)), 0)


def is_too_large(table: pa.Table) -> pa.Array:
    """Return which lines come to so much money that it must be a slip: over a thousand million in one line."""
    price = pc.abs(pc.cast(_flat(table, "unit_price"), pa.float64()))
    quantity = pc.abs(pc.cast(_flat(table, "quantity"), pa.float64()))
    return pc.fill_null(
        pc.greater(pc.multiply(pc.max_element_wise(price, 1.0), pc.max_element_wise(quantity, 1.0)), 1e9), False
    )


def _is_stock_movement(table: pa.Table, context: LoadContext) -> pa.Array:
    """Return which lines book goods in or out: no money and nobody. Marketplaces write gifts so, a till does not."""
    free = pc.fill_null(pc.equal(_flat(table, "unit_price"), 0), False)
    if context.platform:
        free = pc.and_(free, pc.fill_null(pc.less(_flat(table, "quantity"), 0), False))
    return pc.and_(free, _nobody(table))


def _nobody(table: pa.Table) -> pa.Array:
    """Return which rows name no person at all."""
    keys = (
        "customer_member_no",
        "customer_phone",
        "customer_nickname",
        "customer_email",
        "receiver_phone",
        "customer_name",
    )
    present = [pc.is_valid(_flat(table, k)) for k in keys if k in table.column_names]
    if not present:
        return pa.array([False] * table.num_rows)
    someone = present[0]
    for more in present[1:]:
        someone = pc.or_(someone, more)
    return pc.invert(someone)


def _refuse(refused: pa.Array, column: pa.Array, bad: pa.Array, code: str, field: str) -> tuple[pa.Array, pa.Array]:
    fresh = pc.and_(pc.is_null(refused), pc.fill_null(bad, False))
    return pc.if_else(fresh, code, refused), pc.if_else(fresh, field, column)


def _flat(table: pa.Table, name: str) -> pa.Array:
    return table.column(name).combine_chunks()
