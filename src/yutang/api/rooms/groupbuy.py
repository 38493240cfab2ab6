"""Operations on group-buying: offers, groups, starting, joining and leaving for a customer."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Key, OneAsked, PageAsked, Shape, key_of, one, page
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.customers import queries as people
from yutang.groupbuy import actions, queries
from yutang.groupbuy.actions import Wish
from yutang.groupbuy.views import CampaignView, GroupView, SeatView, Tally
from yutang.kit.geography import Place

router = Router(tags=["group-buying"])

_Code = Annotated[str, StringConstraints(min_length=3, max_length=20, pattern=r"^[a-z0-9][a-z0-9-]*$")]
_Group = Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=r"^[a-z0-9]+$")]
_Token = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[a-z0-9]+$")]
_State = Literal["open", "filled", "expired", "lapsed"]


class GroupTierShape(Shape):
    """A size of group and its price, in minor units."""

    size: int
    price_minor: int


class GroupOfferShape(Shape):
    """An offer to groups, and what became of its groups; money in minor units of CNY.

    `left` is of the whole chain; null where the offer is used at no store within reach. Counts and money are of
    everybody where it is used at stores within reach alone, else of customers within reach.
    """

    id: int
    code: str
    name: str
    state: str
    product: str
    list_minor: int
    tiers: list[GroupTierShape]
    hours: int
    stock: int
    left: int | None
    per_person: int
    newcomer_places: int
    radius_km: int
    store_ids: list[int]
    ends_at: datetime
    address: str
    open: int
    filled: int
    expired: int
    members: int
    newcomers: int
    kept_minor: int
    refunded_minor: int


class GroupOffersShape(Shape):
    """Every offer, those that are open first."""

    items: list[GroupOfferShape]


class GroupShape(Shape):
    """A group; `odds` is the share of similar groups that filled, null where too few have ended."""

    id: int
    code: str
    offer_id: int
    state: str
    size: int
    taken: int
    paid: int
    price_minor: int
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    odds: float | None
    odds_low: float | None
    odds_high: float | None
    similar_groups: int
    address: str


class GroupsPage(Shape):
    """A page of groups, newest first."""

    items: list[GroupShape]
    next: str | None


class GroupSeatShape(Shape):
    """A customer's place in a group; `payment_address` is where it is paid, empty where there is nothing to pay."""

    id: int
    token: str
    state: str
    price_minor: int
    hold_until: datetime
    payment_address: str
    payment_state: str
    refund_state: str
    group: GroupShape


class GroupToStart(Given):
    """Who starts a group of which size; the place is needed where the offer is local."""

    offer: _Code
    size: int = Field(ge=2, le=50)
    customer_id: int = Field(ge=1, le=2**63 - 1)
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)


class GroupToJoin(Given):
    """Who joins a group; the place is needed where the offer is local."""

    group: _Group
    customer_id: int = Field(ge=1, le=2**63 - 1)
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)


class GroupSeatToLeave(Given):
    """Which place is given up."""

    token: _Token


class GroupsAsked(PageAsked):
    """Filters of the list of groups."""

    offer_id: Key | None = None
    state: _State | None = None


@operation(
    router,
    "GET",
    "/group-buying/offers",
    permission="groupbuy.view",
    answers={200: GroupOffersShape},
    title="Group-buying offers",
)
def list_group_offers(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return every offer with what became of its groups within reach."""
    refuse_unknown_parameters(request, OneAsked)
    counted = queries.tallies(access=request.actor)
    found = [_offer(view, counted.get(view.id, Tally())) for view in queries.campaigns(access=request.actor)]
    return one(request, GroupOffersShape(items=found), fields=asked.fields)


@operation(
    router,
    "GET",
    "/group-buying/groups",
    permission="groupbuy.view",
    answers={200: GroupsPage},
    title="Groups of buyers",
)
def list_groups_of_buyers(request: ApiRequest, asked: Query[GroupsAsked]) -> HttpResponse:
    """Return groups, newest first, with their odds of filling where they are open."""
    refuse_unknown_parameters(request, GroupsAsked)
    found = queries.groups(
        access=request.actor,
        campaign_id=asked.offer_id,
        state=asked.state or "",
        after_key=key_of(asked.cursor),
        limit=asked.limit,
        now=request.now,
    )
    following = None if found.next_key is None else str(found.next_key)
    return page(request, [_group(row) for row in found.rows], kind=GroupShape, following=following, fields=asked.fields)


@operation(
    router,
    "POST",
    "/group-buying/start",
    permission="groupbuy.join",
    answers={201: GroupSeatShape},
    refuses=(404,),
    title="Start a group",
)
def start_group_of_buyers(request: ApiRequest, given: GroupToStart) -> HttpResponse:
    """Start a group for a customer within reach; the place is held until it is paid."""
    people.tags_of(access=request.actor, customer_id=given.customer_id)

    def work() -> GroupSeatShape:
        wish = _wish(request, given)
        token = actions.start_group(
            actor=request.actor, campaign=given.offer, size=given.size, wish=wish, now=request.now
        )
        return _seat(queries.seat_at_link(token=token, now=request.now))

    return once(request, work, status=201)


@operation(
    router,
    "POST",
    "/group-buying/join",
    permission="groupbuy.join",
    answers={201: GroupSeatShape},
    refuses=(404,),
    title="Join a group",
)
def join_group_of_buyers(request: ApiRequest, given: GroupToJoin) -> HttpResponse:
    """Take a place in a group for a customer within reach; it is held until it is paid."""
    people.tags_of(access=request.actor, customer_id=given.customer_id)

    def work() -> GroupSeatShape:
        token = actions.join_group(actor=request.actor, code=given.group, wish=_wish(request, given), now=request.now)
        return _seat(queries.seat_at_link(token=token, now=request.now))

    return once(request, work, status=201)


@operation(
    router,
    "POST",
    "/group-buying/leave",
    permission="groupbuy.join",
    answers={200: GroupSeatShape},
    refuses=(404,),
    title="Leave a group",
)
def leave_group_of_buyers(request: ApiRequest, given: GroupSeatToLeave) -> HttpResponse:
    """Give a place up before the group fills; what was paid goes back."""

    def work() -> GroupSeatShape:
        actions.leave_group(actor=request.actor, token=given.token, now=request.now)
        return _seat(queries.seat_at_link(token=given.token, now=request.now))

    return once(request, work)


def _wish(request: ApiRequest, given: GroupToStart | GroupToJoin) -> Wish:
    own = hashlib.blake2b(request.headers["Idempotency-Key"].encode(), digest_size=16).hexdigest()
    is_told = given.latitude is not None and given.longitude is not None
    place = Place(given.latitude or 0.0, given.longitude or 0.0) if is_told else None
    return Wish(key=f"api:{request.actor.token_id}:{own}", customer_id=given.customer_id, place=place)


def _offer(view: CampaignView, tally: Tally) -> GroupOfferShape:
    terms = view.terms
    return GroupOfferShape(
        id=view.id,
        code=view.code,
        name=view.name,
        state=view.state,
        product=terms.product,
        list_minor=terms.list_minor,
        tiers=[GroupTierShape(size=size, price_minor=price) for size, price in terms.tiers],
        hours=terms.hours,
        stock=terms.stock,
        left=view.left_told,
        per_person=terms.per_person,
        newcomer_places=terms.newcomer_places,
        radius_km=terms.radius_km,
        store_ids=list(terms.store_ids),
        ends_at=terms.ends_at,
        address=_address("group-offer", view.code),
        open=tally.open,
        filled=tally.filled,
        expired=tally.expired,
        members=tally.members,
        newcomers=tally.newcomers,
        kept_minor=tally.kept_minor,
        refunded_minor=tally.refunded_minor,
    )


def _group(view: GroupView) -> GroupShape:
    odds = view.odds
    return GroupShape(
        id=view.id,
        code=view.code,
        offer_id=view.campaign_id,
        state=view.state,
        size=view.size,
        taken=view.taken,
        paid=view.paid,
        price_minor=view.price_minor,
        started_at=view.started_at,
        ends_at=view.ends_at,
        ended_at=view.ended_at,
        odds=odds.share if odds else None,
        odds_low=odds.low if odds else None,
        odds_high=odds.high if odds else None,
        similar_groups=odds.groups if odds else 0,
        address=_address("group", view.code),
    )


def _seat(view: SeatView) -> GroupSeatShape:
    is_open = view.payment_state == "asked"
    return GroupSeatShape(
        id=view.id,
        token=view.token,
        state=view.state,
        price_minor=view.price_minor,
        hold_until=view.hold_until,
        payment_address=_address("cashier", view.payment_number) if is_open else "",
        payment_state=view.payment_state,
        refund_state=view.refund_state,
        group=_group(view.group),
    )


def _address(name: str, key: str) -> str:
    return f"{settings.YUTANG_PUBLIC_URL}{reverse(name, args=[key])}"
