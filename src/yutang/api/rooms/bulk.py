"""Operations that bring in many rows: each call is one import, checked, shown and undone like that of a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from yutang.api.answers import Shape
from yutang.api.door import ApiRequest, operation
from yutang.api.once import body_of, once
from yutang.api.refusals import BodyIsTooLarge, ReachIsNotWhole
from yutang.api.rooms.imports import ImportShape, import_shape
from yutang.api.rows import CELL, MOST_BYTES, MOST_LINES, MOST_ROWS, Handed, Row, cells_of, flat, handed_in
from yutang.customers.import_targets import CUSTOMERS
from yutang.ingest import queries
from yutang.ingest.handing import hand_over_rows
from yutang.ingest.targets import Target
from yutang.kit.memory import collector_paused
from yutang.kit.text import N_, Sentence
from yutang.orders.import_targets import ORDERS

router = Router(tags=["bulk"])

#: Fields that belong to a line of an order.
_OF_A_LINE = ("line_number", "product_code", "product_name", "product_spec", "quantity", "unit_price", "line_paid")
_STATUSES = {one: one for one in ("placed", "paid", "shipped", "completed", "cancelled", "refunded")}


def _described(target: Target, *, example: dict[str, Any], inner: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the schema of a bulk call."""
    own: dict[str, Any] = {
        field.name: {**CELL, "title": field.name} for field in target.fields if field.name not in inner
    }
    required = [field.name for field in target.fields if field.required]
    if inner:
        entry = {"type": "object", "additionalProperties": False, "properties": {name: dict(CELL) for name in inner}}
        own["lines"] = {"type": "array", "minItems": 1, "items": entry}
        own |= {name: dict(CELL) for name in inner}
    row = {"type": "object", "additionalProperties": False, "properties": own, "required": required}
    head = {
        "platform": {"type": "string", "maxLength": 40, "pattern": "^[a-z0-9_]*$", "default": ""},
        "shop_name": {"type": "string", "maxLength": 120, "default": ""},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "default": "CNY"},
        "time_zone": {"type": "string", "maxLength": 60, "default": "Asia/Shanghai"},
        "name": {"type": "string", "maxLength": 120, "description": "By which people know the import."},
    }
    rows = {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": row}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**head, "rows": rows},
        "required": ["rows"],
        "example": example,
    }


_ORDERS_EXAMPLE = {
    "shop_name": "online",
    "rows": [
        {
            "order_number": "W20260301-0007",
            "ordered_at": "2026-03-01T10:24:00+08:00",
            "status": "paid",
            "customer_phone": "13800138000",
            "customer_name": "李静",
            "store_code": "SH01",
            "total_amount": "258.00",
            "lines": [
                {"product_code": "P1", "product_name": "纯棉上衣", "quantity": 2, "unit_price": "129.00"},
            ],
        }
    ],
}
_CUSTOMERS_EXAMPLE = {
    "rows": [
        {"customer_member_no": "M0042", "customer_name": "李静", "customer_phone": "13800138000", "store_code": "SH01"}
    ]
}


@operation(
    router,
    "POST",
    "/orders/bulk",
    permission="imports.run",
    answers={202: ImportShape},
    refuses=(400,),
    title="Bring in orders",
    body=_described(ORDERS, example=_ORDERS_EXAMPLE, inner=_OF_A_LINE),
)
def bring_orders(request: ApiRequest) -> HttpResponse:
    """Hand over up to 10,000 orders: they are imported by a job; ask `Location` what became of them.

    Orders with `lines` say quantity and unit price of each; of one call either all orders have lines or none has. An order that
    was brought in before is brought up to date, and equal rows change nothing.
    """

    def work() -> Shape:
        handed, rows = _read(request, inner="lines")
        if len(rows) > MOST_LINES:
            raise BodyIsTooLarge(most=Sentence(N_("%(n)s lines"), {"n": MOST_LINES}))
        has_lines = any("quantity" in row or "unit_price" in row for _, row in rows)
        always = ("order_number", "ordered_at", *(("quantity", "unit_price") if has_lines else ()))
        return _handed_over(
            request, handed, ORDERS, rows, grain="line" if has_lines else "order", always=always, statuses=_STATUSES
        )

    return _once(request, work)


@operation(
    router,
    "POST",
    "/customers/bulk",
    permission="imports.run",
    answers={202: ImportShape},
    refuses=(400,),
    title="Bring in customers",
    body=_described(CUSTOMERS, example=_CUSTOMERS_EXAMPLE),
)
def bring_customers(request: ApiRequest) -> HttpResponse:
    """Hand over up to 10,000 people: they are imported by a job; ask `Location` what became of them."""

    def work() -> Shape:
        handed, rows = _read(request, inner="")
        always = ("customer_member_no", "customer_phone")
        return _handed_over(request, handed, CUSTOMERS, rows, grain="row", always=always, statuses={})

    return _once(request, work)


def _read(request: ApiRequest, *, inner: str) -> tuple[Handed, list[tuple[str, Row]]]:
    with collector_paused():
        handed = handed_in(request.body)
        return handed, list(flat(handed.rows, inner=inner))


def _once(request: ApiRequest, work: Any) -> HttpResponse:
    """Do the call once; rows are brought in for the whole chain, by who may also see what became of them."""
    request.actor.require("imports.view")
    if request.actor.store_ids is not None:
        raise ReachIsNotWhole
    body_of(request, most_bytes=MOST_BYTES)
    return once(request, work, status=202, location=lambda shown: f"/api/v1/imports/{shown.id}")


def _handed_over(
    request: ApiRequest,
    handed: Handed,
    target: Target,
    rows: list[tuple[str, Row]],
    *,
    grain: str,
    always: tuple[str, ...],
    statuses: dict[str, str],
) -> ImportShape:
    columns, cells = cells_of(rows, target, always=always)
    record = hand_over_rows(
        actor=request.actor,
        target=target.code,
        columns=columns,
        rows=cells,
        grain=grain,
        name=handed.name or f"API {request.actor.label} {timezone.localtime(request.now):%Y-%m-%d %H:%M}",
        platform=handed.platform,
        shop_name=handed.shop_name,
        statuses=statuses,
        currency=handed.currency,
        time_zone=handed.time_zone,
        now=request.now,
    )
    return import_shape(queries.import_view(access=request.actor, import_id=record.pk))
