"""Operations on groups: how alive they are, leading newcomers into them, probes, deeds, and what other systems saw."""

from __future__ import annotations

import hashlib
import math
from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Instant, Key, OneAsked, PageAsked, Shape, one, page, place_of
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.refusals import CursorIsWrong
from yutang.api.speech import spoken
from yutang.communities import actions, queries
from yutang.communities.queries import CommunityView, Filters

router = Router(tags=["groups"])

_Life = Literal["forming", "alive", "quiet", "dying", "dead"]
_GroupKey = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_Source = Annotated[str, StringConstraints(max_length=60, pattern=r"^[A-Za-z0-9_.:-]*$")]
_Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_MOST_COUNTS, _MOST_NEWCOMERS = 5_000, 500


class CommunityShape(Shape):
    """A customer group: `share` of its members pay attention, with nine chances in ten between `low` and `high`."""

    id: int
    group_key: str
    name: str
    store_id: int | None
    owner_id: int | None
    purpose: str
    members: int
    capacity: int
    life: str
    life_since: date | None
    share: float | None
    low: float | None
    high: float | None
    ahead: float | None
    trend: float | None
    chance_dead: float | None
    reasons: list[str]
    advice: str
    urgency: float
    judged_on: date | None
    closed_at: datetime | None


class CommunitiesPage(Shape):
    """A page of groups, the most urgent first."""

    items: list[CommunityShape]
    next: str | None


class CommunityDayShape(Shape):
    """One day of a group; what nobody told of is null."""

    day: date
    members: int
    joined: int
    left: int
    ordered: int
    wrote: int | None
    reacted: int | None
    clicked: int | None
    share: float
    low: float
    high: float


class CommunityDaysShape(Shape):
    """The last 90 days of a group, oldest first."""

    items: list[CommunityDayShape]


class PlacementShape(Shape):
    """Where a newcomer was led: `placed`, `member`, `lapsed`, `no_code`, `no_room` or `no_group`."""

    customer_id: int
    outcome: str
    group_id: int | None
    group_key: str
    code_url: str


class PlacementsShape(Shape):
    """Where newcomers were led, in the order in which they were named."""

    items: list[PlacementShape]


class NotedShape(Shape):
    """What was noted."""

    id: int


class CountsTaken(Shape):
    """How many counts came, and how many named a group that is not known here."""

    received: int
    unknown_groups: int


class CommunitiesAsked(PageAsked):
    """Filters of the list of groups."""

    life: _Life | None = None
    store_id: Key | None = None
    owner_id: Key | None = None
    purpose: Annotated[str, StringConstraints(max_length=60)] = ""


class NewcomerGiven(Given):
    """Somebody who is to be led into a group, and who brings them."""

    customer_id: int = Field(ge=1, le=2**63 - 1)
    inviter_id: int | None = Field(default=None, ge=1, le=2**63 - 1)


class NewcomersGiven(Given):
    """Who is to be led into which groups; `source` says by what, such as `code:7`."""

    newcomers: list[NewcomerGiven] = Field(min_length=1, max_length=_MOST_NEWCOMERS)
    group_key: Annotated[str, StringConstraints(max_length=64)] = ""
    name: Annotated[str, StringConstraints(max_length=60)] = ""
    purpose: Annotated[str, StringConstraints(max_length=60)] = ""
    source: _Source = "api"


class ProbeGiven(Given):
    """What came of asking a group for a sign of life."""

    kind: Literal["red_packet", "poll", "roll_call"]
    at: Instant
    minutes: int = Field(ge=1, le=4_320)
    packets: int | None = Field(default=None, ge=1, le=10_000)
    takers: int | None = Field(default=None, ge=0, le=10_000)
    were_all_taken: bool | None = None
    members: int | None = Field(default=None, ge=1, le=10_000)


class DeedGiven(Given):
    """What is done about a group; `with_group_id` where it is merged, `tag_id` of the part that is split off."""

    deed: Literal["revive", "merge", "split", "rest", "open", "close"]
    note: Annotated[str, StringConstraints(max_length=200)] = ""
    with_group_id: int | None = Field(default=None, ge=1, le=2**63 - 1)
    tag_id: int | None = Field(default=None, ge=1, le=2**63 - 1)


class InvitationGiven(Given):
    """Which member brought another."""

    customer_id: int = Field(ge=1, le=2**63 - 1)
    inviter_id: int = Field(ge=1, le=2**63 - 1)


class CountGiven(Given):
    """How many different members were seen in a group on one day."""

    group_key: _GroupKey
    day: date
    kind: Literal["messages", "reactions", "clicks"]
    people: int = Field(ge=0, le=10_000)


class CountsGiven(Given):
    """Counts of one system; what it tells of a day again replaces what it told before, where it is more."""

    source: _Code
    counts: list[CountGiven] = Field(min_length=1, max_length=_MOST_COUNTS)


@operation(
    router, "GET", "/groups", permission="communities.view", answers={200: CommunitiesPage}, title="Customer groups"
)
def list_groups(request: ApiRequest, asked: Query[CommunitiesAsked]) -> HttpResponse:
    """Return living groups within reach, the most urgent first."""
    refuse_unknown_parameters(request, CommunitiesAsked)
    filters = Filters(life=asked.life or "", store_id=asked.store_id, owner_id=asked.owner_id, purpose=asked.purpose)
    found = queries.communities(
        access=request.actor, filters=filters, after=_place(asked.cursor), limit=asked.limit + 1
    )
    last = found[asked.limit - 1] if len(found) > asked.limit else None
    following = f"{last.urgency!r}:{last.id}" if last else None
    shown = [_group(view) for view in found[: asked.limit]]
    return page(request, shown, kind=CommunityShape, following=following, fields=asked.fields)


@operation(
    router,
    "POST",
    "/groups/placements",
    permission="channels.send",
    answers={200: PlacementsShape},
    title="Lead newcomers into groups",
)
def place_in_groups(request: ApiRequest, given: NewcomersGiven) -> HttpResponse:
    """Keep a place in the fitting group with room for each newcomer; the same key never keeps a second one."""

    def work() -> PlacementsShape:
        own = _own_key(request)
        newcomers = [
            actions.Newcomer(f"{own}:{each.customer_id}", each.customer_id, each.inviter_id, given.source)
            for each in given.newcomers
        ]
        wish = actions.Wish(group_key=given.group_key, name=given.name, purpose=given.purpose)
        found = actions.place_newcomers(actor=request.actor, newcomers=newcomers, wish=wish, now=request.now)
        items = [
            PlacementShape(
                customer_id=each.customer_id,
                outcome=placement.outcome,
                group_id=placement.community_id or None,
                group_key=placement.group_key,
                code_url=placement.code,
            )
            for each, placement in zip(given.newcomers, found, strict=True)
        ]
        return PlacementsShape(items=items)

    return once(request, work)


@operation(
    router,
    "POST",
    "/groups/counts",
    permission="events.record",
    answers={200: CountsTaken},
    title="Tell how many members were seen",
    key_is_needed=False,
)
def record_group_counts(request: ApiRequest, given: CountsGiven) -> HttpResponse:
    """Take in how many members wrote, reacted or clicked in groups on days, as a chat archive or a bot counted them."""

    def work() -> CountsTaken:
        counts = [actions.DayCount(each.group_key, each.day, each.kind, each.people) for each in given.counts]
        unknown = actions.note_counts(actor=request.actor, source=given.source, counts=counts, now=request.now)
        return CountsTaken(received=len(counts), unknown_groups=unknown)

    return once(request, work) if request.headers.get("Idempotency-Key") else one(request, work())


@operation(
    router,
    "GET",
    "/groups/{community_id}",
    permission="communities.view",
    answers={200: CommunityShape},
    refuses=(404,),
    title="One customer group",
)
def get_group(request: ApiRequest, community_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one group."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _shown(request, community_id), fields=asked.fields)


@operation(
    router,
    "GET",
    "/groups/{community_id}/days",
    permission="communities.view",
    answers={200: CommunityDaysShape},
    refuses=(404,),
    title="How alive a group was",
)
def list_group_days(request: ApiRequest, community_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return how alive a group was on each of the last 90 days."""
    refuse_unknown_parameters(request, OneAsked)
    days = queries.days_of(access=request.actor, community_id=community_id, days=90)
    items = [CommunityDayShape.model_validate(vars(day)) for day in days]
    return one(request, CommunityDaysShape(items=items), fields=asked.fields)


@operation(
    router,
    "POST",
    "/groups/{community_id}/probes",
    permission="communities.change",
    answers={201: NotedShape},
    refuses=(404,),
    title="Note a sign of life",
)
def note_group_probe(request: ApiRequest, community_id: Key, given: ProbeGiven) -> HttpResponse:
    """Note what came of red packets, a poll or a roll call; the same key notes it once."""

    def work() -> NotedShape:
        key = f"{_own_key(request)}:{community_id}"
        probed = actions.Probed(**given.model_dump())
        noted = actions.note_probe(
            actor=request.actor, community_id=community_id, key=key, probed=probed, now=request.now
        )
        return NotedShape(id=noted)

    return once(request, work, status=201)


@operation(
    router,
    "POST",
    "/groups/{community_id}/deeds",
    permission="communities.change",
    answers={201: NotedShape},
    refuses=(404,),
    title="Note what is done about a group",
)
def note_group_deed(request: ApiRequest, community_id: Key, given: DeedGiven) -> HttpResponse:
    """Note what is done about a group, and do here what follows from it; what comes of it is compared in two weeks."""

    def work() -> NotedShape:
        detail = {} if given.with_group_id is None else {"with": given.with_group_id}
        if given.tag_id is not None:
            detail["tag"] = given.tag_id
        noted = actions.do_about(
            actor=request.actor,
            community_id=community_id,
            deed=given.deed,
            detail=detail,
            note=given.note,
            now=request.now,
        )
        return NotedShape(id=noted)

    return once(request, work, status=201)


@operation(
    router,
    "POST",
    "/groups/{community_id}/invitations",
    permission="communities.change",
    answers={200: CommunityShape},
    refuses=(404,),
    title="Note who brought whom",
)
def note_group_invitation(request: ApiRequest, community_id: Key, given: InvitationGiven) -> HttpResponse:
    """Note which member brought another; the last word holds."""
    request.actor.require("communities.view")

    def work() -> CommunityShape:
        actions.note_invitation(
            actor=request.actor,
            community_id=community_id,
            customer_id=given.customer_id,
            inviter_id=given.inviter_id,
            source="api",
            now=request.now,
        )
        return _shown(request, community_id)

    return once(request, work)


def _own_key(request: ApiRequest) -> str:
    """Return the caller's own key, within its token, in a fixed length."""
    own = hashlib.blake2b(request.headers["Idempotency-Key"].encode(), digest_size=16).hexdigest()
    return f"api:{request.actor.token_id}:{own}"


def _place(cursor: str) -> tuple[float, int] | None:
    """Return the place behind which a page begins; None for the first one.

    Raises:
        CursorIsWrong: no answer has given it.
    """
    place = place_of(cursor)
    if place is None:
        return None
    urgency, _colon, key = place.partition(":")
    try:
        found = float(urgency), int(key)
    except ValueError as error:
        raise CursorIsWrong from error
    if not math.isfinite(found[0]) or not 0 < found[1] < 2**63:
        raise CursorIsWrong
    return found


def _shown(request: ApiRequest, community_id: int) -> CommunityShape:
    return _group(queries.community(access=request.actor, community_id=community_id))


def _group(view: CommunityView) -> CommunityShape:
    return CommunityShape(
        id=view.id,
        group_key=view.chat_id,
        name=view.name,
        store_id=view.store_id,
        owner_id=view.owner_id,
        purpose=view.purpose,
        members=view.members,
        capacity=view.capacity,
        life=view.life,
        life_since=view.life_since,
        share=view.share,
        low=view.low,
        high=view.high,
        ahead=view.ahead,
        trend=view.trend,
        chance_dead=view.chance_dead,
        reasons=[spoken(each) for each in view.reasons],
        advice=view.advice,
        urgency=view.urgency,
        judged_on=view.judged_on,
        closed_at=view.closed_at,
    )
