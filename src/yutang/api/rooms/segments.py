"""Operations on segments: the saved ones, their size, who belongs to them now."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from yutang.api.answers import Key, OneAsked, PageAsked, Shape, key_of, one, page
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.rooms.shapes import CustomerInList, row_shape
from yutang.api.speech import spoken
from yutang.customers import queries as people
from yutang.insight import queries as insight
from yutang.insight.lake_reading import business_today
from yutang.segments import queries

router = Router(tags=["segments"])


class SegmentShape(Shape):
    """A saved segment: its rule, in words and as JSON; `size` as of the latest look, null before the first."""

    id: int
    name: str
    words: str
    rule: dict[str, Any]
    size: int | None
    entered: int
    left: int
    as_of: date | None
    taken_at: datetime | None
    changed_at: datetime


class SegmentsShape(Shape):
    """All saved segments."""

    items: list[SegmentShape]
    next: str | None


class SegmentCount(Shape):
    """How many people within reach fit the rule now; days are counted back from `as_of`."""

    segment_id: int
    people: int
    as_of: date
    figures_of: str


class MembersPage(Shape):
    """A page of the people who fit the rule now, by key; `people` counts all of them."""

    items: list[CustomerInList]
    next: str | None
    people: int
    as_of: date


@operation(router, "GET", "/segments", permission="segments.view", answers={200: SegmentsShape}, title="List segments")
def list_segments(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return the saved segments by name, on one page, with their sizes within reach."""
    refuse_unknown_parameters(request, OneAsked)
    names = queries.names_for(access=request.actor)
    shown = [_segment(view, names) for view in queries.segments(access=request.actor)]
    return page(request, shown, kind=SegmentShape, following=None, fields=asked.fields)


@operation(
    router,
    "GET",
    "/segments/{segment_id}",
    permission="segments.view",
    answers={200: SegmentShape},
    title="One segment",
)
def get_segment(request: ApiRequest, segment_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one saved segment."""
    refuse_unknown_parameters(request, OneAsked)
    view = queries.segment_view(access=request.actor, segment_id=segment_id)
    return one(request, _segment(view, queries.names_for(access=request.actor)), fields=asked.fields)


@operation(
    router,
    "GET",
    "/segments/{segment_id}/count",
    permission="segments.view",
    answers={200: SegmentCount},
    refuses=(409,),
    title="How many people fit a segment now",
)
def count_segment(request: ApiRequest, segment_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return how many people within reach fit the rule now."""
    refuse_unknown_parameters(request, OneAsked)
    found = _found(request, segment_id)
    shown = SegmentCount(
        segment_id=segment_id, people=len(found.people), as_of=found.as_of, figures_of=found.lake_written_at
    )
    return one(request, shown, fields=asked.fields)


@operation(
    router,
    "GET",
    "/segments/{segment_id}/members",
    permission="segments.view",
    answers={200: MembersPage},
    refuses=(409,),
    title="Who fits a segment now",
)
def list_members(request: ApiRequest, segment_id: Key, asked: Query[PageAsked]) -> HttpResponse:
    """Return the people within reach who fit the rule now, masked; needs `customers.view` besides."""
    refuse_unknown_parameters(request, PageAsked)
    request.actor.require("customers.view")
    found = _found(request, segment_id)
    keys = found.after(key_of(asked.cursor) or 0, size=asked.limit + 1)
    following = str(keys[asked.limit - 1]) if len(keys) > asked.limit else None
    shown_keys = keys[: asked.limit]
    rows = people.customer_rows(access=request.actor, ids=shown_keys)
    scores = insight.scores_for(access=request.actor, customer_ids=shown_keys)
    shown = [row_shape(rows[key], scores.get(key)) for key in shown_keys if key in rows]
    more = {"people": len(found.people), "as_of": found.as_of.isoformat()}
    return page(request, shown, kind=CustomerInList, following=following, fields=asked.fields, more=more)


def _found(request: ApiRequest, segment_id: int) -> queries.Found:
    rule = queries.rule_of(access=request.actor, segment_id=segment_id)
    return queries.people_of(access=request.actor, rule=rule, today=business_today(request.now))


def _segment(view: queries.SegmentView, names: Any) -> SegmentShape:
    return SegmentShape(
        id=view.id,
        name=view.name,
        words=spoken(queries.words_of(rule=view.rule, names=names)),
        rule=dict(view.rule),
        size=view.size,
        entered=view.entered,
        left=view.left,
        as_of=view.as_of,
        taken_at=view.taken_at,
        changed_at=view.changed_at,
    )
