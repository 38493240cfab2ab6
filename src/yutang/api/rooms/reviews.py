"""Operations on pairs of records of whom a person, or a program for them, decides whether they are one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpResponse
from ninja import Query, Router

from yutang.api.answers import Given, Key, OneAsked, PageAsked, Shape, key_of, one, page, require_unchanged
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.rooms.shapes import CustomerInList, row_shape
from yutang.api.speech import spoken
from yutang.customers import actions, queries, views
from yutang.customers.actions.merges import NoSuchCase

router = Router(tags=["reviews"])


class ReviewShape(Shape):
    """Two people who share a key but contradict each other; `agreeing` says what is the same, told by the whole values."""

    id: int
    kind: str
    reason: str
    shared: str
    agreeing: list[str]
    first: CustomerInList
    second: CustomerInList
    opened_at: datetime


class ReviewsPage(Shape):
    """A page of pairs to be decided, oldest first."""

    items: list[ReviewShape]
    next: str | None


class DecisionGiven(Given):
    """What was decided: one person (`merged`), or two (`kept_apart`)."""

    decision: Literal["merged", "kept_apart"]


class DecisionShape(Shape):
    """A decided pair."""

    id: int
    decision: str


@operation(
    router, "GET", "/reviews", permission="review.decide", answers={200: ReviewsPage}, title="List pairs to be decided"
)
def list_reviews(request: ApiRequest, asked: Query[PageAsked]) -> HttpResponse:
    """Return the pairs to be decided within reach, oldest first; a pair may become one meanwhile and is then left out."""
    refuse_unknown_parameters(request, PageAsked)
    found = queries.review_queue(access=request.actor, after=key_of(asked.cursor), limit=asked.limit)
    following = None if found.next_key is None else str(found.next_key)
    shown = [_review(case) for case in found.rows]
    return page(request, shown, kind=ReviewShape, following=following, fields=asked.fields)


@operation(
    router,
    "GET",
    "/reviews/{case_id}",
    permission="review.decide",
    answers={200: ReviewShape},
    title="One pair to be decided",
)
def get_review(request: ApiRequest, case_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one pair; a decided one is gone from here."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _shown(request, case_id), fields=asked.fields)


@operation(
    router,
    "POST",
    "/reviews/{case_id}/decision",
    permission="review.decide",
    answers={200: DecisionShape},
    refuses=(404,),
    title="Decide a pair",
)
def decide_review(request: ApiRequest, case_id: Key, given: DecisionGiven) -> HttpResponse:
    """Make one person of the pair, or keep the two apart for good. `If-Match` takes the ETag of the pair."""

    def work() -> Shape:
        if request.headers.get("If-Match"):
            require_unchanged(request, _shown(request, case_id))
        actions.decide_review(actor=request.actor, case_id=case_id, decision=given.decision, now=request.now)
        return DecisionShape(id=case_id, decision=given.decision)

    return once(request, work)


def _shown(request: ApiRequest, case_id: int) -> ReviewShape:
    case = queries.review_case(access=request.actor, case_id=case_id)
    if case is None:
        raise NoSuchCase(case_id=case_id)
    return _review(case)


def _review(case: views.ReviewView) -> ReviewShape:
    return ReviewShape(
        id=case.id,
        kind=case.kind,
        reason=spoken(case.reason),
        shared=case.identifier_kind,
        agreeing=sorted(case.agreeing),
        first=row_shape(case.first, None),
        second=row_shape(case.second, None),
        opened_at=case.opened_at,
    )
