"""Operations on visits and prepaid balances: offers taken up, bookings, checking in; what is left, topping up, paying with it."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Instant, Key, OneAsked, Shape, one
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.refusals import InputIsWrong
from yutang.api.speech import spoken
from yutang.foundation.queries import stores
from yutang.kit.text import N_
from yutang.membership import actions as membership
from yutang.membership import queries as balances
from yutang.membership.views import Receipt
from yutang.visits import actions, queries
from yutang.visits.views import BookingView

router = Router(tags=["visits"])

_Code = Annotated[str, StringConstraints(min_length=1, max_length=60)]
_Source = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_.:-]*$")]
_Store = Annotated[str, StringConstraints(max_length=40)]
_Minor = Annotated[int, Field(gt=0, le=10**8)]
_MOST_DAYS = timedelta(days=92)
_UNKNOWN_STORE = N_("there is no store of this code within your reach")
_TOO_LONG = N_("at most 92 days, the last one not before the first")


class VisitShape(Shape):
    """A visit: `state` is `booked`, `came`, `missed` or `cancelled`; `starts_at` in the zone of the store."""

    id: int
    customer_id: int | None
    store_id: int
    starts_at: datetime
    business_date: date
    state: str
    source: str
    came_at: datetime | None
    offered_at: datetime | None


class VisitsShape(Shape):
    """Visits in the order of their times, 500 at most."""

    items: list[VisitShape]


class VisitBookedShape(VisitShape):
    """A visit that was booked, with the code by which it is checked in; told again under the same key, the code is empty."""

    code: str


class HookShape(Shape):
    """An offer that somebody took up."""

    id: int


class BalanceShape(Shape):
    """What a customer has left: principal was paid in, bonus was given on top; minor units."""

    customer_id: int
    principal_minor: int
    bonus_minor: int
    currency: str


class BalanceMovedShape(Shape):
    """What a call did to a balance: what came is positive, what went negative; and what is left. Minor units."""

    movement_id: int
    principal_minor: int
    bonus_minor: int
    left_principal_minor: int
    left_bonus_minor: int
    currency: str


class VisitsAsked(OneAsked):
    """Days of the visits, both included, and what they are narrowed to; without them those of today."""

    first: date | None = None
    last: date | None = None
    store_id: Key | None = None
    state: Literal["booked", "came", "missed", "cancelled"] | None = None


class VisitToBook(Given):
    """Who comes where and when: `starts_at` is the beginning of a slot that the store offers; `source` says what led to it."""

    customer_id: int = Field(ge=1, le=2**63 - 1)
    store_code: _Store
    starts_at: Instant
    source: _Source = ""


class VisitCode(Given):
    """The code of a visit, as the customer shows it."""

    code: _Code


class HookTakenUp(Given):
    """An offer of a programme that somebody took up; `paid` says that it is paid already."""

    customer_id: int = Field(ge=1, le=2**63 - 1)
    source: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
    hook_minor: int = Field(ge=0, le=10**8)
    store_code: _Store = ""
    paid: bool = False


class BalanceToTopUp(Given):
    """What was paid in and what is given on top; who may not change plans gives no more than these. Minor units."""

    principal_minor: _Minor
    bonus_minor: int = Field(default=0, ge=0, le=10**8)
    method: Literal["cash", "card", "online", "other"] = "other"
    store_code: _Store = ""


class BalanceToSpend(Given):
    """What a purchase takes from the balance. Minor units."""

    amount_minor: _Minor
    store_code: _Store = ""
    order_number: Annotated[str, StringConstraints(max_length=80)] = ""


@operation(router, "GET", "/visits", permission="visits.view", answers={200: VisitsShape}, title="Visits of some days")
def list_visits(request: ApiRequest, asked: Query[VisitsAsked]) -> HttpResponse:
    """Return the visits of stores within reach on some days."""
    refuse_unknown_parameters(request, VisitsAsked)
    first = asked.first or asked.last or timezone.localdate(request.now)
    last = asked.last or first
    if not timedelta() <= last - first <= _MOST_DAYS:
        raise InputIsWrong(where="last", what=spoken(_TOO_LONG))
    found = queries.bookings(
        access=request.actor, first=first, last=last, store_id=asked.store_id, state=asked.state or ""
    )
    return one(request, VisitsShape(items=[_visit(view) for view in found]), fields=asked.fields)


@operation(
    router,
    "POST",
    "/visits",
    permission="visits.book",
    answers={201: VisitBookedShape},
    refuses=(404,),
    title="Book a visit",
)
def book_visit(request: ApiRequest, given: VisitToBook) -> HttpResponse:
    """Book a visit and return its code, which is told once; the same key never books a second one."""

    def work() -> VisitBookedShape:
        view = actions.book(
            actor=request.actor,
            key=_own_key(request),
            customer_id=given.customer_id,
            store_id=_store(request, given.store_code) or 0,
            at=given.starts_at,
            source=given.source,
            now=request.now,
        )
        return VisitBookedShape(**_visit(view).model_dump(), code=view.code)

    return once(request, work, status=201, kept_as=lambda shown: shown.model_copy(update={"code": ""}))


@operation(
    router,
    "POST",
    "/visits/check-in",
    permission="visits.book",
    answers={200: VisitShape},
    refuses=(404,),
    title="Check a customer in",
)
def check_in_visit(request: ApiRequest, given: VisitCode) -> HttpResponse:
    """Check a customer in by the code of the visit, once, on its day."""
    return once(request, lambda: _visit(actions.check_in(actor=request.actor, code=given.code, now=request.now)))


@operation(
    router,
    "POST",
    "/visits/{booking_id}/cancel",
    permission="visits.book",
    answers={200: VisitShape},
    refuses=(404,),
    title="Call a visit off",
)
def cancel_visit(request: ApiRequest, booking_id: Key) -> HttpResponse:
    """Call a visit off; its place is free again."""
    request.actor.require("visits.view")

    def work() -> VisitShape:
        actions.cancel_booking(actor=request.actor, booking_id=booking_id, now=request.now)
        return _visit(queries.booking_view(access=request.actor, booking_id=booking_id))

    return once(request, work)


@operation(
    router,
    "POST",
    "/hooks",
    permission="visits.book",
    answers={201: HookShape},
    refuses=(404,),
    title="Note that an offer was taken up",
)
def note_hook(request: ApiRequest, given: HookTakenUp) -> HttpResponse:
    """Note that somebody took up the low-price offer of a programme, and whether it is paid: the way into the store begins."""

    def work() -> HookShape:
        key = _own_key(request)
        hook_id = actions.note_hook(
            actor=request.actor,
            key=key,
            customer_id=given.customer_id,
            source=given.source,
            hook_minor=given.hook_minor,
            store_id=_store(request, given.store_code),
            now=request.now,
        )
        if given.paid:
            actions.note_hook_paid(actor=request.actor, key=key, now=request.now)
        return HookShape(id=hook_id)

    return once(request, work, status=201)


@operation(
    router,
    "GET",
    "/balances/{customer_id}",
    permission="membership.view",
    answers={200: BalanceShape},
    refuses=(404,),
    title="The prepaid balance of a customer",
)
def get_balance(request: ApiRequest, customer_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return what a customer within reach, or a guest with a visit at a store within reach, has left."""
    refuse_unknown_parameters(request, OneAsked)
    left = balances.served_balance_of(access=request.actor, customer_id=customer_id, now=request.now)
    shown = BalanceShape(
        customer_id=customer_id,
        principal_minor=left.principal_minor,
        bonus_minor=left.bonus_minor,
        currency=left.currency,
    )
    return one(request, shown, fields=asked.fields)


@operation(
    router,
    "POST",
    "/balances/{customer_id}/top-up",
    permission="membership.take",
    answers={201: BalanceMovedShape},
    refuses=(404,),
    title="Top a balance up",
)
def top_up_balance(request: ApiRequest, customer_id: Key, given: BalanceToTopUp) -> HttpResponse:
    """Add what a customer paid in, and what is given on top; the same key never does it twice."""

    def work() -> BalanceMovedShape:
        done = membership.top_up(
            actor=request.actor,
            key=_own_key(request),
            customer_id=customer_id,
            principal_fen=given.principal_minor,
            bonus_fen=given.bonus_minor,
            store_id=_store(request, given.store_code),
            method=given.method,
            now=request.now,
        )
        return _moved(done)

    return once(request, work, status=201)


@operation(
    router,
    "POST",
    "/balances/{customer_id}/spend",
    permission="membership.take",
    answers={201: BalanceMovedShape},
    refuses=(404,),
    title="Pay with a balance",
)
def spend_balance(request: ApiRequest, customer_id: Key, given: BalanceToSpend) -> HttpResponse:
    """Pay a purchase with a balance; the same key never does it twice, and no balance falls below zero."""

    def work() -> BalanceMovedShape:
        done = membership.spend(
            actor=request.actor,
            key=_own_key(request),
            customer_id=customer_id,
            amount_fen=given.amount_minor,
            store_id=_store(request, given.store_code),
            order_number=given.order_number,
            now=request.now,
        )
        return _moved(done)

    return once(request, work, status=201)


def _own_key(request: ApiRequest) -> str:
    """Return the caller's own key within its token, in a fixed length."""
    own = hashlib.blake2b(request.headers["Idempotency-Key"].encode(), digest_size=16).hexdigest()
    return f"api:{request.actor.token_id}:{own}"


def _store(request: ApiRequest, code: str) -> int | None:
    if not code:
        return None
    known = {store.code: store.id for store in stores(access=request.actor)}
    if code not in known:
        raise InputIsWrong(where="store_code", what=spoken(_UNKNOWN_STORE))
    return known[code]


def _visit(view: BookingView) -> VisitShape:
    return VisitShape(
        id=view.id,
        customer_id=view.customer_id,
        store_id=view.store_id,
        starts_at=view.starts_at,
        business_date=view.business_date,
        state=view.state,
        source=view.source,
        came_at=view.came_at,
        offered_at=view.offered_at,
    )


def _moved(done: Receipt) -> BalanceMovedShape:
    return BalanceMovedShape(
        movement_id=done.movement_id,
        principal_minor=done.principal_minor,
        bonus_minor=done.bonus_minor,
        left_principal_minor=done.left.principal_minor,
        left_bonus_minor=done.left.bonus_minor,
        currency=done.left.currency,
    )
