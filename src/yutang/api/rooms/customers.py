"""Operations on customers: the list, one in full, orders, consents, tags."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from yutang.api.answers import (
    Given,
    Instant,
    Key,
    OneAsked,
    PageAsked,
    Shape,
    key_of,
    one,
    page,
    place_of,
    require_unchanged,
)
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.refusals import CursorIsWrong
from yutang.api.rooms.shapes import (
    CarriedTag,
    CustomerInList,
    CustomerShape,
    OrderShape,
    order_shape,
    row_shape,
    score_shape,
    tag_shape,
    value_shape,
)
from yutang.api.speech import spoken
from yutang.customers import actions, views
from yutang.customers import queries as people
from yutang.customers.actions.merges import AlreadyMerged
from yutang.insight import queries as insight
from yutang.orders import queries as orders

router = Router(tags=["customers"])

Stage = Literal["prospect", "new", "growing", "loyal", "at_risk", "asleep", "lost"]


class CustomersAsked(PageAsked):
    """Filters of the list of customers; with `q` or `tag_id` the newest come first."""

    q: str = Field(
        "", max_length=120, description="A name or part of one, or exactly a phone, e-mail, account or order number."
    )
    stage: Stage | None = None
    tag_id: Key | None = None
    store_id: Key | None = None
    sort: Literal["spend", "last_order", "newest"] = "spend"


class CustomersPage(Shape):
    """A page of customers; it may be short, even empty, before `next`."""

    items: list[CustomerInList]
    next: str | None


class OrdersPage(Shape):
    """A page of orders."""

    items: list[OrderShape]
    next: str | None


class ConsentShape(Shape):
    """One entry of the consent ledger; of a purpose and channel the last one holds."""

    id: int
    purpose: str
    channel: str
    granted: bool
    wording_version: str
    evidence: str
    recorded_by: str
    occurred_at: datetime


class ConsentsPage(Shape):
    """The consent ledger of a person, newest first."""

    items: list[ConsentShape]
    next: str | None


class ConsentGiven(Given):
    """What a person agreed to, or no longer agrees to."""

    purpose: Literal["service", "promotion", "research", "profiling", "keeping"]
    channel: Literal["any", "phone", "sms", "wecom", "email"]
    granted: bool
    wording_version: str = Field(min_length=1, max_length=40, description="Version of the text that the person saw.")
    evidence: str = Field(min_length=1, max_length=300, description="How it can be proved.")
    occurred_at: Instant | None = Field(None, description="When; with a time zone. Left out: now.")


class TagsCarried(Shape):
    """The tags that a person carries after the change."""

    customer_id: int
    tags: list[CarriedTag]


@operation(
    router, "GET", "/customers", permission="customers.view", answers={200: CustomersPage}, title="List customers"
)
def list_customers(request: ApiRequest, asked: Query[CustomersAsked]) -> HttpResponse:
    """Return people within reach, masked, with tags and scores, by the filters that the console has."""
    refuse_unknown_parameters(request, CustomersAsked)
    wanted = insight.PeopleWanted(
        text=asked.q.strip(),
        stage=asked.stage or "",
        tag_id=asked.tag_id,
        store_id=asked.store_id,
        sort=asked.sort,
    )
    place = place_of(asked.cursor)
    if place is not None and not insight.is_place_of(wanted=wanted, place=place):
        raise CursorIsWrong
    found = insight.people_listed(access=request.actor, wanted=wanted, after=place or "", limit=asked.limit)
    shown = [row_shape(found.rows[key], found.scores.get(key)) for key in found.ids if key in found.rows]
    return page(request, shown, kind=CustomerInList, following=found.next_key, fields=asked.fields)


@operation(
    router,
    "GET",
    "/customers/{customer_id}",
    permission="customers.view",
    answers={200: CustomerShape},
    title="One customer",
)
def get_customer(request: ApiRequest, customer_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one person in full, masked, with tags, scores and expected value."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, customer_shown(request, customer_id), fields=asked.fields)


@operation(
    router,
    "GET",
    "/customers/{customer_id}/orders",
    permission="customers.view",
    answers={200: OrdersPage},
    title="Orders of a customer",
)
def list_customer_orders(request: ApiRequest, customer_id: Key, asked: Query[PageAsked]) -> HttpResponse:
    """Return a customer's orders with their lines, newest first."""
    refuse_unknown_parameters(request, PageAsked)
    card = _card(request, customer_id)
    found = orders.orders_of(
        access=request.actor, customer_id=card.id, before_id=key_of(asked.cursor), limit=asked.limit + 1
    )
    following = str(found[asked.limit - 1].id) if len(found) > asked.limit else None
    shown = [order_shape(order) for order in found[: asked.limit]]
    return page(request, shown, kind=OrderShape, following=following, fields=asked.fields)


@operation(
    router,
    "GET",
    "/customers/{customer_id}/consents",
    permission="customers.view",
    answers={200: ConsentsPage},
    title="Consents of a customer",
)
def list_consents(request: ApiRequest, customer_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return the consent ledger of a person, newest first, on one page."""
    refuse_unknown_parameters(request, OneAsked)
    _card(request, customer_id)
    found = people.consents_of(access=request.actor, customer_id=customer_id)
    return page(request, [_consent(entry) for entry in found], kind=ConsentShape, following=None, fields=asked.fields)


@operation(
    router,
    "POST",
    "/customers/{customer_id}/consents",
    permission="customers.tag",
    answers={201: ConsentShape},
    refuses=(404,),
    title="Record a consent or its withdrawal",
)
def record_consent(request: ApiRequest, customer_id: Key, given: ConsentGiven) -> HttpResponse:
    """Write into the ledger that a person agreed, or no longer agrees. `If-Match` takes the ETag of the customer."""

    def work() -> Shape:
        _require_standing(request, customer_id)
        write = actions.record_consent if given.granted else actions.withdraw_consent
        entry_id = write(
            actor=request.actor,
            customer_id=customer_id,
            purpose=given.purpose,
            channel=given.channel,
            wording_version=given.wording_version,
            evidence=given.evidence,
            occurred_at=given.occurred_at or request.now,
            now=request.now,
        )
        entries = people.consents_of(access=request.actor, customer_id=customer_id)
        return next(_consent(entry) for entry in entries if entry.id == entry_id)

    return once(request, work, status=201)


@operation(
    router,
    "PUT",
    "/customers/{customer_id}/tags/{tag_id}",
    permission="customers.tag",
    answers={200: TagsCarried},
    refuses=(404,),
    title="Give a tag",
)
def give_tag(request: ApiRequest, customer_id: Key, tag_id: Key) -> HttpResponse:
    """Give a tag by hand; who carries it already keeps it. `If-Match` takes the ETag of the customer."""

    def work() -> Shape:
        _require_standing(request, customer_id)
        actions.give_tag(actor=request.actor, tag_id=tag_id, customer_ids=[customer_id], now=request.now)
        return _tags(request, customer_id)

    return once(request, work)


@operation(
    router,
    "DELETE",
    "/customers/{customer_id}/tags/{tag_id}",
    permission="customers.tag",
    answers={200: TagsCarried},
    refuses=(404,),
    title="Take a tag away",
)
def take_tag(request: ApiRequest, customer_id: Key, tag_id: Key) -> HttpResponse:
    """Take away a tag that was given by hand or by an import. `If-Match` takes the ETag of the customer."""

    def work() -> Shape:
        _require_standing(request, customer_id)
        actions.take_tag(actor=request.actor, tag_id=tag_id, customer_ids=[customer_id], now=request.now)
        return _tags(request, customer_id)

    return once(request, work)


def customer_shown(request: ApiRequest, customer_id: int) -> CustomerShape:
    """Return one person in full."""
    card = _card(request, customer_id)
    score = insight.score_of(access=request.actor, customer_id=card.id)
    sees_values = score is not None and request.actor.can("insight.view")
    worth = insight.value_of(access=request.actor, customer_id=card.id) if sees_values else None
    totals = orders.order_totals_of(access=request.actor, customer_id=card.id)
    return CustomerShape(
        id=card.id,
        name=card.name if isinstance(card.name, str) else spoken(card.name),
        other_names=list(card.other_names),
        phones=list(card.phones),
        emails=list(card.emails),
        gender=card.gender,
        birthday=card.birthday,
        region=card.region,
        store_id=card.store_id,
        owner_id=card.owner_id,
        first_seen_at=card.first_seen_at,
        merged_into_id=card.merged_into_id,
        tags=[tag_shape(tag) for tag in card.tags],
        score=score_shape(score),
        value=value_shape(worth),
        spent_minor=totals.total_minor - totals.refunded_minor,
        order_count=totals.orders,
        currency=totals.currency,
    )


def _require_standing(request: ApiRequest, customer_id: int) -> None:
    """Refuse to change a person who is not as they were read, or who was found to be another one."""
    shown = customer_shown(request, customer_id)
    require_unchanged(request, shown)
    if shown.merged_into_id is not None:
        raise AlreadyMerged(customer_id=customer_id)


def _card(request: ApiRequest, customer_id: int) -> views.CustomerCard:
    """Return the person, or refuse: what hangs on a person is within reach where the person is."""
    return people.customer_card(access=request.actor, customer_id=customer_id)


def _tags(request: ApiRequest, customer_id: int) -> TagsCarried:
    carried = people.tags_of(access=request.actor, customer_id=customer_id)
    return TagsCarried(customer_id=customer_id, tags=[tag_shape(tag) for tag in carried])


def _consent(entry: views.ConsentView) -> ConsentShape:
    return ConsentShape(
        id=entry.id,
        purpose=entry.purpose,
        channel=entry.channel,
        granted=entry.granted,
        wording_version=entry.wording_version,
        evidence=entry.evidence,
        recorded_by=entry.recorded_by,
        occurred_at=entry.occurred_at,
    )
