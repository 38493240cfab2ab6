"""Operations on channel codes: what each brought, one in full, its places, costs and personal links."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Key, OneAsked, Shape, one
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.codes import actions, queries
from yutang.codes.actions import CodeTerms, ShiftTerms, SlotTerms, SpotTerms
from yutang.codes.results import Tally
from yutang.codes.views import CodeRow, CodeView, ShiftView, SpotView

router = Router(tags=["codes"])

_Minute = Annotated[int, Field(ge=0, le=1440)]
_Weekdays = Annotated[int, Field(ge=1, le=127)]
_Minor = Annotated[int, Field(ge=0, le=10**12)]
_Words = Annotated[str, StringConstraints(max_length=4000)]
_Content = Annotated[str, StringConstraints(max_length=80, pattern=r"^(content:[0-9]{1,18}:[0-9]{1,9})?$")]
_Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class CodeTallyShape(Shape):
    """What became of a code: people who came, who stayed after 1, 7 and 30 days, orders since, cost; null where it is not known."""

    scans: int | None
    came: int
    fresh: int
    friends: int
    lost: int
    grouped: int
    held_back: int
    ripe_1: int
    kept_1: int
    ripe_7: int
    kept_7: int
    ripe_30: int
    kept_30: int
    buyers: int
    orders: int
    sales_minor: int
    cost_minor: int | None
    cost_per_kept_minor: int | None
    kept_days: int


class CodeShape(Shape):
    """A channel code in the list: `standing` is `on`, `off`, `ahead`, `over` or `paused`."""

    id: int
    name: str
    kind: str
    standing: str
    currency: str
    spots: int
    alarms: int
    tally: CodeTallyShape


class CodesShape(Shape):
    """Every channel code within reach, those in use first."""

    items: list[CodeShape]


class SpotShape(Shape):
    """A place where a code is printed: `path` stands behind the public address; `duty` says who answers there now."""

    id: int
    name: str
    store_id: int | None
    path: str
    is_on: bool
    state: str
    fault: str
    duty: str
    scans: int | None
    came: int
    friends: int


class ShiftShape(Shape):
    """A member of staff of a code: minutes of the day, a bit a day of the week (Monday is 1)."""

    account_id: int
    name: str
    is_backup: bool
    is_away: bool
    daily_cap: int | None
    weekdays: int
    since_minute: int
    until_minute: int
    today: int
    came: int
    is_on_duty: bool


class OneCodeShape(Shape):
    """A channel code in full."""

    id: int
    name: str
    kind: str
    standing: str
    currency: str
    sharing: str
    leads_known: bool
    words: str
    content: str
    remark: str
    tag_ids: list[int]
    group: str
    group_prefix: str
    group_places: int
    first_date: date | None
    last_date: date | None
    unit_cost_minor: int
    budget_minor: int
    margin_percent: int
    spots: list[SpotShape]
    shifts: list[ShiftShape]
    tally: CodeTallyShape
    made_at: datetime
    changed_at: datetime


class CodeLinkShape(Shape):
    """What is printed behind the public address for one person; it holds for a year."""

    path: str


class CodeCostShape(Shape):
    """Something that was paid for a code."""

    id: int


class ShiftToKeep(Given):
    """When a member of staff answers."""

    account_id: _Id
    is_backup: bool = False
    daily_cap: Annotated[int, Field(ge=1, le=5_000)] | None = None
    weekdays: _Weekdays = 127
    since_minute: Annotated[int, Field(ge=0, le=1439)] = 0
    until_minute: _Minute = 1440
    is_away: bool = False


class SlotToSay(Given):
    """What is said at a time of the day."""

    since_minute: Annotated[int, Field(ge=0, le=1439)]
    until_minute: _Minute
    weekdays: _Weekdays = 127
    words: _Words = ""
    content: _Content = ""


class SpotToPrint(Given):
    """A place where the code is printed."""

    name: str = Field(min_length=1, max_length=60)
    store_id: _Id | None = None


class CodeToMake(Given):
    """A channel code that is to be made, or what it is to be from now on; `spots` count when it is made."""

    name: str = Field(min_length=1, max_length=60)
    kind: Literal["parcel", "poster", "badge", "partner", "stream", "window"]
    shifts: list[ShiftToKeep] = Field(min_length=1, max_length=100)
    sharing: Literal["chance", "even"] = "chance"
    leads_known: bool = True
    words: _Words = ""
    content: _Content = ""
    slots: list[SlotToSay] = Field(default_factory=list, max_length=12)
    remark: str = Field(default="", max_length=12)
    tag_ids: list[_Id] = Field(default_factory=list, max_length=20)
    group: Literal["none", "store", "named"] = "none"
    group_prefix: str = Field(default="", max_length=60)
    group_places: int = Field(default=50, ge=2, le=500)
    first_date: date | None = None
    last_date: date | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
    unit_cost_minor: _Minor = 0
    budget_minor: _Minor = 0
    margin_percent: int = Field(default=50, ge=0, le=100)
    spots: list[SpotToPrint] = Field(default_factory=list, max_length=500)


class SpotsToAdd(Given):
    """Further places of a code."""

    spots: list[SpotToPrint] = Field(min_length=1, max_length=500)


class CodeSwitch(Given):
    """Whether a code is in use."""

    is_on: bool


class CodeCostToAdd(Given):
    """Something that was paid for a code, in minor units of its currency."""

    amount_minor: int = Field(gt=0, le=10**12)
    business_date: date
    spot_id: _Id | None = None
    note: str = Field(default="", max_length=80)


@operation(router, "GET", "/codes", permission="codes.view", answers={200: CodesShape}, title="Channel codes")
def list_codes(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return every channel code with what became of it, of people who came to stores within reach."""
    refuse_unknown_parameters(request, OneAsked)
    found = queries.codes(access=request.actor, now=request.now)
    return one(request, CodesShape(items=[_row(row) for row in found]))


@operation(
    router,
    "GET",
    "/codes/{code_id}",
    permission="codes.view",
    answers={200: OneCodeShape},
    refuses=(404,),
    title="A channel code",
)
def show_code_in_full(request: ApiRequest, code_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return a channel code with its places, staff and what became of it."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _shown(request, code_id))


@operation(
    router, "POST", "/codes", permission="codes.change", answers={201: OneCodeShape}, title="Make a channel code"
)
def create_code(request: ApiRequest, given: CodeToMake) -> HttpResponse:
    """Make a channel code, in use at once; WeCom makes its QR codes within a minute."""
    request.actor.require("codes.view")

    def work() -> OneCodeShape:
        spots = [SpotTerms(one.name, one.store_id) for one in given.spots]
        code_id = actions.create_code(actor=request.actor, terms=_terms(given), spots=spots, now=request.now)
        return _shown(request, code_id)

    return once(request, work, status=201)


@operation(
    router,
    "PUT",
    "/codes/{code_id}",
    permission="codes.change",
    answers={200: OneCodeShape},
    refuses=(404,),
    title="Change a channel code",
)
def change_code(request: ApiRequest, code_id: Key, given: CodeToMake) -> HttpResponse:
    """Change a channel code as a whole; what is printed stays, and `spots` are not looked at."""
    request.actor.require("codes.view")

    def work() -> OneCodeShape:
        actions.change_code(actor=request.actor, code_id=code_id, terms=_terms(given), now=request.now)
        return _shown(request, code_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/codes/{code_id}/switch",
    permission="codes.change",
    answers={200: OneCodeShape},
    refuses=(404,),
    title="Switch a channel code on or off",
)
def switch_code(request: ApiRequest, code_id: Key, given: CodeSwitch) -> HttpResponse:
    """Take a code out of use, or let it be in use again; who scans one that is off reads that it is over."""
    request.actor.require("codes.view")

    def work() -> OneCodeShape:
        switch = actions.switch_on if given.is_on else actions.switch_off
        switch(actor=request.actor, code_id=code_id, now=request.now)
        return _shown(request, code_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/codes/{code_id}/spots",
    permission="codes.change",
    answers={201: OneCodeShape},
    refuses=(404,),
    title="Add places to a channel code",
)
def add_code_spots(request: ApiRequest, code_id: Key, given: SpotsToAdd) -> HttpResponse:
    """Let a code be printed at further places, such as a new batch of parcels."""
    request.actor.require("codes.view")

    def work() -> OneCodeShape:
        spots = [SpotTerms(one.name, one.store_id) for one in given.spots]
        actions.add_spots(actor=request.actor, code_id=code_id, spots=spots, now=request.now)
        return _shown(request, code_id)

    return once(request, work, status=201)


@operation(
    router,
    "POST",
    "/codes/{code_id}/costs",
    permission="codes.change",
    answers={201: CodeCostShape},
    refuses=(404,),
    title="Write down what a channel code cost",
)
def add_code_cost(request: ApiRequest, code_id: Key, given: CodeCostToAdd) -> HttpResponse:
    """Write down what was paid for a code."""

    def work() -> CodeCostShape:
        cost_id = actions.add_cost(
            actor=request.actor,
            code_id=code_id,
            amount_minor=given.amount_minor,
            business_date=given.business_date,
            spot_id=given.spot_id,
            note=given.note,
            now=request.now,
        )
        return CodeCostShape(id=cost_id)

    return once(request, work, status=201)


@operation(
    router,
    "GET",
    "/codes/{code_id}/spots/{spot_id}/links/{customer_id}",
    permission="codes.view",
    answers={200: CodeLinkShape},
    refuses=(404,),
    title="A link that is printed for one person",
)
def show_code_link(
    request: ApiRequest, code_id: Key, spot_id: Key, customer_id: Key, asked: Query[OneAsked]
) -> HttpResponse:
    """Return what is printed for one person, such as on the card in their parcel: who scans it comes to their own staff."""
    refuse_unknown_parameters(request, OneAsked)
    request.actor.require("customers.view")
    path = queries.personal_path(
        access=request.actor, code_id=code_id, spot_id=spot_id, customer_id=customer_id, now=request.now
    )
    return one(request, CodeLinkShape(path=path))


def _terms(given: CodeToMake) -> CodeTerms:
    plain = given.model_dump(exclude={"shifts", "slots", "spots", "tag_ids"})
    return CodeTerms(
        **plain,
        shifts=tuple(ShiftTerms(**each.model_dump()) for each in given.shifts),
        slots=tuple(SlotTerms(**each.model_dump()) for each in given.slots),
        tag_ids=tuple(given.tag_ids),
    )


def _shown(request: ApiRequest, code_id: int) -> OneCodeShape:
    return _full(queries.code_view(access=request.actor, code_id=code_id, now=request.now))


def _row(row: CodeRow) -> CodeShape:
    return CodeShape(
        id=row.id,
        name=row.name,
        kind=row.kind,
        standing=row.standing,
        currency=row.currency,
        spots=row.spots,
        alarms=row.alarms,
        tally=_tally(row.tally),
    )


def _full(view: CodeView) -> OneCodeShape:
    terms = view.terms
    told = {name: getattr(terms, name) for name in OneCodeShape.model_fields if hasattr(terms, name)}
    told |= {"tag_ids": list(terms.tag_ids), "shifts": [_shift(each) for each in view.shifts]}
    return OneCodeShape(
        **told,
        id=view.id,
        standing=view.standing,
        spots=[_spot(each) for each in view.spots],
        tally=_tally(view.tally),
        made_at=view.made_at,
        changed_at=view.changed_at,
    )


def _shift(each: ShiftView) -> ShiftShape:
    return ShiftShape(**{name: getattr(each, name) for name in ShiftShape.model_fields})


def _spot(each: SpotView) -> SpotShape:
    told = {name: getattr(each, name) for name in SpotShape.model_fields if name != "path"}
    return SpotShape(**told, path=f"/c/{each.token}")


def _tally(tally: Tally) -> CodeTallyShape:
    return CodeTallyShape(**{name: getattr(tally, name) for name in CodeTallyShape.model_fields})
