"""Customers and orders as programs see them: masked, within reach, with the codes that the rooms use."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from yutang.api.answers import Shape
from yutang.api.speech import spoken
from yutang.customers import views
from yutang.insight import queries as insight
from yutang.orders.queries import LineView, OrderView


class CarriedTag(Shape):
    """A tag that a person carries; `origin` is manual, rule or import."""

    id: int
    group: str
    name: str
    origin: str
    given_at: datetime
    expires_at: datetime | None


class ScoreShape(Shape):
    """What the orders say: stage of life with the reason, RFM quintiles (5 is best), spend after refunds."""

    as_of: date
    stage: str
    reason: str
    r: int | None
    f: int | None
    m: int | None
    orders: int
    spend_minor: int
    currency: str
    recency_days: int | None
    rhythm_days: int | None
    first_order_date: date | None
    last_order_date: date | None
    chance_alive: float | None


class ValueShape(Shape):
    """What is expected of the coming days; four in five such customers bring between low and high within a year."""

    as_of: date
    chance_alive: float
    orders_30: float
    orders_90: float
    orders_365: float
    order_minor: int
    value_minor: int
    low_minor: int
    high_minor: int
    currency: str
    next_order_date: date | None
    next_from_date: date | None
    next_to_date: date | None


class CustomerInList(Shape):
    """One person in a list, masked; `score` is null for who was not scored yet."""

    id: int
    name: str
    phone: str
    city: str
    store_id: int | None
    first_seen_at: datetime
    tags: list[CarriedTag]
    score: ScoreShape | None


class CustomerShape(Shape):
    """One person in full, masked. `merged_into_id` names the person that this one was found to be."""

    id: int
    name: str
    other_names: list[str]
    phones: list[str]
    emails: list[str]
    gender: str
    birthday: str = Field(description="Month and day, such as 05-01; the year is masked. Empty where it is not known.")
    region: str
    store_id: int | None
    owner_id: int | None
    first_seen_at: datetime
    merged_into_id: int | None
    tags: list[CarriedTag]
    score: ScoreShape | None
    value: ValueShape | None
    spent_minor: int
    order_count: int
    currency: str


class LineShape(Shape):
    """One line of an order. Money in minor units of the order's currency."""

    product_code: str
    product_name: str
    spec: str
    quantity: int
    unit_price_minor: int
    amount_minor: int


class OrderShape(Shape):
    """One order with its lines; `status` is shell, placed, paid, shipped, completed, cancelled or refunded."""

    id: int
    number: str
    customer_id: int | None
    platform: str
    shop_name: str
    store_id: int | None
    status: str
    channel: str
    title: str
    placed_at: datetime | None
    business_date: date | None
    currency: str
    total_minor: int
    refunded_minor: int
    lines: list[LineShape]


#: `orders.models.OrderStatus` as programs call it.
ORDER_STATUSES = {0: "shell", 10: "placed", 20: "paid", 30: "shipped", 40: "completed", 50: "cancelled", 60: "refunded"}


def tag_shape(tag: views.TagView) -> CarriedTag:
    """Return a carried tag."""
    return CarriedTag(
        id=tag.id,
        group=tag.group,
        name=tag.name,
        origin=tag.origin,
        given_at=tag.given_at,
        expires_at=tag.expires_at,
    )


def score_shape(score: insight.Scorecard | None) -> ScoreShape | None:
    """Return a score; None for who has none."""
    if score is None:
        return None
    return ScoreShape(
        as_of=score.as_of,
        stage=score.stage,
        reason=spoken(score.reason),
        r=score.r,
        f=score.f,
        m=score.m,
        orders=score.orders,
        spend_minor=score.spend_minor,
        currency=score.currency,
        recency_days=score.recency_days,
        rhythm_days=score.rhythm_days,
        first_order_date=score.first_order_date,
        last_order_date=score.last_order_date,
        chance_alive=score.p_alive,
    )


def value_shape(worth: insight.ValueCard | None) -> ValueShape | None:
    """Return a value; None where no model is fitted."""
    if worth is None:
        return None
    return ValueShape(
        as_of=worth.as_of,
        chance_alive=worth.p_alive,
        orders_30=worth.orders_30,
        orders_90=worth.orders_90,
        orders_365=worth.orders_365,
        order_minor=worth.order_minor,
        value_minor=worth.value_minor,
        low_minor=worth.low_minor,
        high_minor=worth.high_minor,
        currency=worth.currency,
        next_order_date=worth.next_order_date,
        next_from_date=worth.next_from_date,
        next_to_date=worth.next_to_date,
    )


def row_shape(row: views.CustomerRow, score: insight.Scorecard | None) -> CustomerInList:
    """Return a person in a list."""
    return CustomerInList(
        id=row.id,
        name=row.name if isinstance(row.name, str) else spoken(row.name),
        phone=row.phone,
        city=row.city,
        store_id=row.store_id,
        first_seen_at=row.first_seen_at,
        tags=[tag_shape(tag) for tag in row.tags],
        score=score_shape(score),
    )


def order_shape(order: OrderView) -> OrderShape:
    """Return an order."""
    return OrderShape(
        id=order.id,
        number=order.number,
        customer_id=order.customer_id,
        platform=order.platform,
        shop_name=order.shop_name,
        store_id=order.store_id,
        status=ORDER_STATUSES[order.status],
        channel=order.channel,
        title=order.title,
        placed_at=order.placed_at,
        business_date=order.business_date,
        currency=order.currency,
        total_minor=order.total_minor,
        refunded_minor=order.refunded_minor,
        lines=[_line(line) for line in order.lines],
    )


def _line(line: LineView) -> LineShape:
    return LineShape(
        product_code=line.product_code,
        product_name=line.product_name,
        spec=line.spec,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        amount_minor=line.amount_minor,
    )
