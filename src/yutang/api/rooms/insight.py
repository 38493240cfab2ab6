"""Operations on figures: how far people come on a way of steps, and who they are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

import numpy as np
from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from yutang.api.answers import Cursor, Fields, Key, Limit, Shape, key_of, one, page
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.refusals import StoreIsOutOfReach
from yutang.api.rooms.shapes import CustomerInList, row_shape
from yutang.api.speech import spoken
from yutang.customers import queries as people
from yutang.foundation.queries import stores
from yutang.insight import queries
from yutang.insight.lake_reading import business_today
from yutang.segments import queries as segments

router = Router(tags=["insight"])

#: Days of the period where the caller names none.
_USUAL_DAYS = 30
_EARLIEST, _LATEST = date(1990, 1, 1), date(2200, 1, 1)
_Day = Annotated[date, Field(ge=_EARLIEST, le=_LATEST)]
_Steps = Annotated[
    str,
    Field(
        description=(
            f"Two to eight steps in their order, separated by commas: kinds of events, `{queries.SALE}` for a paid order; `@` and the "
            "key of a store limit one to it, `~` and a channel to that (percent-encoded once)."
        ),
        examples=["viewed,added_to_cart,order:paid@3"],
    ),
    StringConstraints(max_length=2_000),
]


class FunnelAsked(Schema):
    """A funnel: its steps, its window, its days; the last 30 days where none are named."""

    fields: Fields = ""
    steps: _Steps = f"viewed,added_to_cart,{queries.SALE}"
    within: str = Field(
        "7d",
        max_length=8,
        description="From the first step to the last, with `m`, `h` or `d` behind the number.",
        examples=["7d"],
    )
    start_date: _Day | None = Field(None, description="First day.")
    end_date: _Day | None = Field(
        None,
        description="The day after the last; without it the day after the last known one that is over, as in the console.",
    )
    by: Literal["all", "store", "channel"] = Field("all", description="By what groups are told: where people began.")
    store_id: Key | None = Field(None, description="Only what happened in this store.")
    segment_id: Key | None = Field(None, description="Only the people of this segment; needs `segments.view` besides.")


class FunnelPeopleAsked(FunnelAsked):
    """Who took a step of a funnel."""

    limit: Limit = 50
    cursor: Cursor = ""
    step: int = Field(1, ge=1, le=queries.MOST_STEPS, description="Which step, from 1.")
    side: Literal["took", "stopped"] = Field("took", description="Everybody who took it, or who took no further one.")
    group: str = Field(
        "", max_length=400, description="Key of a group, where `by` names groups; empty: what belongs to none."
    )


class FunnelStageShape(Shape):
    """One step: who took it, as shares of the first step and of the one before, and within how long half did after the one before."""

    step: str
    people: int
    first_ratio: float | None
    before_ratio: float | None
    median_seconds: float | None


class FunnelGroupShape(Shape):
    """People who began in one store, or through one channel; `key` is null for what belongs to none."""

    key: str | None
    name: str
    stages: list[FunnelStageShape]


class FunnelShape(Shape):
    """How far people came: over everybody, and by group with the most people first; `other_groups` more are not told."""

    start_date: date
    end_date: date
    within_seconds: int
    by: str
    stages: list[FunnelStageShape]
    groups: list[FunnelGroupShape]
    other_groups: int
    figures_of: str


class FunnelPeoplePage(Shape):
    """A page of the people of a step, the newest customer first; `elsewhere` counts those out of reach, or deleted since."""

    items: list[CustomerInList]
    next: str | None
    people: int
    elsewhere: int


@operation(
    router,
    "GET",
    "/insight/funnel",
    permission="insight.view",
    answers={200: FunnelShape},
    refuses=(404, 409),
    title="How far people come on a way of steps",
)
def get_funnel(request: ApiRequest, asked: Query[FunnelAsked]) -> HttpResponse:
    """Return how many people took each step in order, all within the window after the first; of what happened within reach."""
    refuse_unknown_parameters(request, FunnelAsked)
    question = _question(request, asked)
    found = queries.funnel(access=request.actor, asked=question)
    shown = FunnelShape(
        start_date=question.period.start,
        end_date=question.period.end,
        within_seconds=round(question.within.total_seconds()),
        by=question.by,
        stages=[_stage(each) for each in found.stages],
        groups=[
            FunnelGroupShape(key=each.key, name=spoken(each.name), stages=[_stage(stage) for stage in each.stages])
            for each in found.groups
        ],
        other_groups=found.other_groups,
        figures_of=found.lake_written_at,
    )
    return one(request, shown, fields=asked.fields)


@operation(
    router,
    "GET",
    "/insight/funnel/people",
    permission="insight.view",
    answers={200: FunnelPeoplePage},
    refuses=(404, 409),
    title="Who took a step",
)
def list_funnel_people(request: ApiRequest, asked: Query[FunnelPeopleAsked]) -> HttpResponse:
    """Return the people within reach who took a step, or took no further one, masked; needs `customers.view` besides."""
    refuse_unknown_parameters(request, FunnelPeopleAsked)
    request.actor.require("customers.view")
    key = key_of(asked.cursor)
    found = queries.funnel_people(
        access=request.actor,
        asked=_question(request, asked),
        step=asked.step,
        side=asked.side,
        group_key=asked.group,
        after=None if key is None else str(key),
        limit=asked.limit,
    )
    rows = people.customer_rows(access=request.actor, ids=list(found.steps))
    scores = queries.scores_for(access=request.actor, customer_ids=list(rows))
    shown = [row_shape(rows[key], scores.get(key)) for key in found.steps if key in rows]
    more = {"people": found.count, "elsewhere": found.elsewhere}
    return page(request, shown, kind=CustomerInList, following=found.next_key, fields=asked.fields, more=more)


def _question(request: ApiRequest, asked: FunnelAsked) -> queries.FunnelAsked:
    today = business_today(request.now)
    last = queries.orders_known(access=request.actor, today=today).until_over
    end = asked.end_date or (last + timedelta(days=1) if last else today)
    members = None
    if asked.segment_id is not None:
        rule = segments.rule_of(access=request.actor, segment_id=asked.segment_id)
        members = np.asarray(segments.people_of(access=request.actor, rule=rule, today=today).people, np.int64)
    steps = tuple(queries.FunnelStep.read(step) for step in asked.steps.split(","))
    wanted = {one for one in (asked.store_id, *(step.store_id for step in steps)) if one is not None}
    if wanted and (unknown := wanted - {one.id for one in stores(access=request.actor)}):
        raise StoreIsOutOfReach(store=min(unknown))
    return queries.FunnelAsked(
        steps=steps,
        within=queries.window_read(asked.within),
        period=queries.Period(asked.start_date or end - timedelta(days=_USUAL_DAYS), end),
        by=asked.by,
        store_ids=None if asked.store_id is None else (asked.store_id,),
        people=members,
    )


def _stage(stage: queries.FunnelStage) -> FunnelStageShape:
    return FunnelStageShape(
        step=stage.step.text,
        people=stage.people,
        first_ratio=stage.first_ratio,
        before_ratio=stage.before_ratio,
        median_seconds=stage.median_seconds,
    )
