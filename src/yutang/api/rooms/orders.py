"""Operations on orders: the list, one with its lines."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from yutang.api.answers import Key, OneAsked, PageAsked, key_of, one, page
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.rooms.customers import OrdersPage
from yutang.api.rooms.shapes import OrderShape, order_shape
from yutang.orders import queries

router = Router(tags=["orders"])


class OrdersAsked(PageAsked):
    """Filters of the list of orders."""

    number: str = Field("", max_length=80, description="Exactly this order number, in whichever shop.")
    store_id: Key | None = None


@operation(router, "GET", "/orders", permission="customers.view", answers={200: OrdersPage}, title="List orders")
def list_orders(request: ApiRequest, asked: Query[OrdersAsked]) -> HttpResponse:
    """Return orders of people within reach, the last brought in first; a page may be short, even empty, before `next`."""
    refuse_unknown_parameters(request, OrdersAsked)
    found = queries.orders_page(
        access=request.actor,
        number=asked.number.strip(),
        store_id=asked.store_id,
        before_id=key_of(asked.cursor),
        limit=asked.limit,
    )
    following = None if found.next_key is None else str(found.next_key)
    shown = [order_shape(order) for order in found.orders]
    return page(request, shown, kind=OrderShape, following=following, fields=asked.fields)


@operation(
    router, "GET", "/orders/{order_id}", permission="customers.view", answers={200: OrderShape}, title="One order"
)
def get_order(request: ApiRequest, order_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one order with its lines."""
    refuse_unknown_parameters(request, OneAsked)
    shown = order_shape(queries.order_view(access=request.actor, order_id=order_id))
    return one(request, shown, fields=asked.fields)
