"""Operations on coupons: kinds, giving, looking a code up, redeeming, taking back."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Key, OneAsked, PageAsked, Shape, key_of, one, page
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.refusals import InputIsWrong
from yutang.api.speech import spoken
from yutang.coupons import actions, queries
from yutang.coupons.actions import CouponWasStopped, RedemptionRefused, Sale
from yutang.coupons.queries import CouponFilters
from yutang.coupons.views import CouponView, KindView, Tally
from yutang.foundation.queries import stores
from yutang.kit.text import N_

router = Router(tags=["coupons"])

_KindCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
_Code = Annotated[str, StringConstraints(min_length=1, max_length=60)]
_Campaign = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_.:-]*$")]
_State = Literal["given", "redeemed", "expired", "taken_back"]
_Minor = Annotated[int, Field(gt=0, le=10**12)]
_MOST_PRODUCTS = 200
_UNKNOWN_STORE = N_("there is no store of this code within your reach")


class CouponKindShape(Shape):
    """A kind of coupon and what became of its pieces: `gives` is `amount`, `percent` or `thing`; money in minor units of `currency`."""

    kind: str
    name: str
    is_open: bool
    gives: str
    currency: str
    amount_minor: int
    percent: int
    most_minor: int
    thing: str
    least_minor: int
    products: list[str]
    store_ids: list[int]
    pieces: int
    per_person: int
    until_date: date | None
    valid_days: int | None
    cost_minor: int
    margin_percent: int
    codes: str
    given: int
    pool_left: int
    living: int
    redeemed: int
    expired: int
    taken_back: int
    off_minor: int
    brought_minor: int


class CouponKindsShape(Shape):
    """Every kind of coupon, those that are open first."""

    items: list[CouponKindShape]


class CouponShape(Shape):
    """A coupon that somebody has, or had; of its code only the end is shown."""

    id: int
    kind: str
    name: str
    customer_id: int | None
    code_end: str
    state: str
    campaign: str
    given_at: datetime
    last_date: date
    redeemed_at: datetime | None
    store_id: int | None
    order_number: str
    order_minor: int | None
    off_minor: int
    currency: str
    reason: str


class CouponsPage(Shape):
    """A page of coupons, newest first."""

    items: list[CouponShape]
    next: str | None


class CouponGivenShape(CouponShape):
    """A coupon that was given, with its code; told again under the same key, the code is empty."""

    code: str


class CouponCodeShape(Shape):
    """The code of a coupon as its owner reads it."""

    id: int
    code: str


class CouponLookShape(Shape):
    """What a code is for, whether it holds now, and why not; `off_minor` is null where it follows from the order's value."""

    coupon: CouponShape
    holds: bool
    why: str
    reason_code: str
    off_minor: int | None


class CouponToGive(Given):
    """Whom to give which kind; `campaign` says what for."""

    kind: _KindCode
    customer_id: int = Field(ge=1, le=2**63 - 1)
    campaign: _Campaign = ""


class CouponToRedeem(Given):
    """A code and what the till knows of the order: value before the coupon, number, store, codes of the products."""

    code: _Code
    store_code: Annotated[str, StringConstraints(max_length=40)] = ""
    order_number: Annotated[str, StringConstraints(max_length=80)] = ""
    order_minor: _Minor | None = None
    product_codes: list[Annotated[str, StringConstraints(max_length=120)]] | None = Field(
        default=None, max_length=_MOST_PRODUCTS
    )


class CouponTakenBack(Given):
    """Why a coupon is taken back."""

    reason: str = Field(min_length=1, max_length=200)


class CouponsAsked(PageAsked):
    """Filters of the list of coupons."""

    kind: _KindCode | None = None
    state: _State | None = None
    customer_id: Key | None = None
    campaign: _Campaign = ""


@operation(
    router,
    "GET",
    "/coupons/kinds",
    permission="coupons.view",
    answers={200: CouponKindsShape},
    title="Kinds of coupons",
)
def list_coupon_kinds(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return every kind of coupon with what became of its pieces, of people within reach."""
    refuse_unknown_parameters(request, OneAsked)
    counted = queries.tallies(access=request.actor, now=request.now)
    found = [_kind(view, counted.get(view.id, Tally())) for view in queries.kinds(access=request.actor)]
    return one(request, CouponKindsShape(items=found), fields=asked.fields)


@operation(router, "GET", "/coupons", permission="coupons.view", answers={200: CouponsPage}, title="Coupons of people")
def list_coupons(request: ApiRequest, asked: Query[CouponsAsked]) -> HttpResponse:
    """Return coupons of people within reach, newest first."""
    refuse_unknown_parameters(request, CouponsAsked)
    filters = CouponFilters(
        kind=asked.kind or "", state=asked.state or "", customer_id=asked.customer_id, campaign=asked.campaign
    )
    found = queries.coupons(
        access=request.actor, filters=filters, after_key=key_of(asked.cursor), limit=asked.limit, now=request.now
    )
    following = None if found.next_key is None else str(found.next_key)
    shown = [_coupon(view) for view in found.rows]
    return page(request, shown, kind=CouponShape, following=following, fields=asked.fields)


@operation(
    router,
    "POST",
    "/coupons",
    permission="coupons.give",
    answers={201: CouponGivenShape},
    refuses=(404,),
    title="Give somebody a coupon",
)
def give_coupon(request: ApiRequest, given: CouponToGive) -> HttpResponse:
    """Give a person a coupon and return its code, which is told once; the same key never gives a second one."""
    request.actor.require("coupons.view")

    def work() -> CouponGivenShape:
        coupon_id = actions.give_coupon(
            actor=request.actor,
            kind=given.kind,
            customer_id=given.customer_id,
            key=_giving_key(request),
            campaign=given.campaign,
            now=request.now,
        )
        shown = _shown(request, coupon_id)
        code = actions.show_code(actor=request.actor, coupon_id=coupon_id, now=request.now)
        return CouponGivenShape(**shown.model_dump(), code=code)

    try:
        return once(request, work, status=201, kept_as=lambda shown: shown.model_copy(update={"code": ""}))
    except CouponWasStopped:
        # What the guard decided was undone with the call; asked again, it is kept.
        actions.judge_giving(
            actor=request.actor,
            kind=given.kind,
            customer_id=given.customer_id,
            key=_giving_key(request),
            now=request.now,
        )
        raise


@operation(
    router,
    "POST",
    "/coupons/look",
    permission="coupons.redeem",
    answers={200: CouponLookShape},
    refuses=(404,),
    title="Look a code up",
    key_is_needed=False,
)
def look_up_coupon(request: ApiRequest, given: CouponToRedeem) -> HttpResponse:
    """Return what a code is for and whether it could be redeemed now; nothing is redeemed, so no key is needed."""
    sale = _sale(request, given)
    look = actions.look_up_code(actor=request.actor, code=given.code, sale=sale, now=request.now)
    view = queries.coupon_at_till(access=request.actor, coupon_id=look.coupon_id, now=request.now)
    shown = CouponLookShape(
        coupon=_coupon(view),
        holds=look.refusal is None,
        why=spoken(look.refusal.sentence) if look.refusal else "",
        reason_code=look.refusal.code if look.refusal else "",
        off_minor=look.off_minor,
    )
    return one(request, shown)


@operation(
    router,
    "POST",
    "/coupons/redeem",
    permission="coupons.redeem",
    answers={200: CouponShape},
    refuses=(404,),
    title="Redeem a coupon",
)
def redeem_coupon(request: ApiRequest, given: CouponToRedeem) -> HttpResponse:
    """Redeem a coupon by its code, once; a refusal says why and is kept."""
    sale = _sale(request, given)

    def work() -> CouponShape:
        coupon_id = actions.redeem_coupon(actor=request.actor, code=given.code, sale=sale, now=request.now)
        return _coupon(queries.coupon_at_till(access=request.actor, coupon_id=coupon_id, now=request.now))

    try:
        return once(request, work)
    except RedemptionRefused as refusal:
        # What the call changed was undone with it; that it was refused is kept.
        actions.note_refused_attempt(actor=request.actor, refusal=refusal, sale=sale, now=request.now)
        raise


@operation(
    router,
    "POST",
    "/coupons/{coupon_id}/take-back",
    permission="coupons.give",
    answers={200: CouponShape},
    refuses=(404,),
    title="Take a coupon back",
)
def take_back_coupon(request: ApiRequest, coupon_id: Key, given: CouponTakenBack) -> HttpResponse:
    """Take back a coupon that was not used; its piece returns to the budget."""
    request.actor.require("coupons.view")

    def work() -> CouponShape:
        actions.take_back_coupon(actor=request.actor, coupon_id=coupon_id, reason=given.reason, now=request.now)
        return _shown(request, coupon_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/coupons/{coupon_id}/code",
    permission="coupons.give",
    answers={200: CouponCodeShape},
    refuses=(404,),
    title="The code of a coupon",
    key_is_needed=False,
)
def show_coupon_code(request: ApiRequest, coupon_id: Key) -> HttpResponse:
    """Return the code of a coupon, to show it to its owner; the audit log keeps that it was looked at."""
    code = actions.show_code(actor=request.actor, coupon_id=coupon_id, now=request.now)
    return one(request, CouponCodeShape(id=coupon_id, code=code))


def _giving_key(request: ApiRequest) -> str:
    """Return the key of a giving: the caller's own, within its token, in a fixed length."""
    own = hashlib.blake2b(request.headers["Idempotency-Key"].encode(), digest_size=16).hexdigest()
    return f"api:{request.actor.token_id}:{own}"


def _sale(request: ApiRequest, given: CouponToRedeem) -> Sale:
    store_id = None
    if given.store_code:
        known = {store.code: store.id for store in stores(access=request.actor)}
        if given.store_code not in known:
            raise InputIsWrong(where="store_code", what=spoken(_UNKNOWN_STORE))
        store_id = known[given.store_code]
    return Sale(store_id, given.order_number, given.order_minor, given.product_codes)


def _shown(request: ApiRequest, coupon_id: int) -> CouponShape:
    return _coupon(queries.coupon_view(access=request.actor, coupon_id=coupon_id, now=request.now))


def _kind(view: KindView, tally: Tally) -> CouponKindShape:
    terms = view.terms
    return CouponKindShape(
        kind=view.code,
        name=terms.name,
        is_open=view.is_open,
        gives=terms.gives,
        currency=terms.currency,
        amount_minor=terms.amount_minor,
        percent=terms.percent,
        most_minor=terms.most_minor,
        thing=terms.thing,
        least_minor=terms.least_minor,
        products=list(terms.products),
        store_ids=list(terms.store_ids),
        pieces=terms.pieces,
        per_person=terms.per_person,
        until_date=terms.until_date,
        valid_days=terms.valid_days,
        cost_minor=terms.cost_minor,
        margin_percent=terms.margin_percent,
        codes=terms.codes,
        given=tally.given,
        pool_left=view.pool_left,
        living=tally.living,
        redeemed=tally.redeemed,
        expired=tally.expired,
        taken_back=tally.taken_back,
        off_minor=tally.cost_minor,
        brought_minor=tally.brought_minor,
    )


def _coupon(view: CouponView) -> CouponShape:
    return CouponShape(
        id=view.id,
        kind=view.kind_code,
        name=view.kind_name,
        customer_id=view.customer_id,
        code_end=view.code_end,
        state=view.state,
        campaign=view.campaign,
        given_at=view.given_at,
        last_date=view.last_date,
        redeemed_at=view.redeemed_at,
        store_id=view.store_id,
        order_number=view.order_number,
        order_minor=view.order_minor,
        off_minor=view.off_minor,
        currency=view.currency,
        reason=view.reason,
    )
