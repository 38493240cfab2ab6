"""Operations on the day's work: what is proposed, done, put off, not useful."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from django.http import HttpResponse
from django.utils.translation import gettext
from ninja import Query, Router, Schema
from pydantic import Field

from yutang.api.answers import Cursor, Fields, Given, Key, OneAsked, Shape, one, page, place_of, require_unchanged
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.refusals import CursorIsWrong
from yutang.api.speech import spoken
from yutang.worklist import actions, queries

router = Router(tags=["today"])

#: Where a page of one kind begins: the kind, and rank and key of the last one before.
_PLACE = re.compile(r"([a-z_.]+) (-?[0-9]{1,18}) ([0-9]{1,18})")

_OUTCOME = "Code of what came of it; each kind has its own, see `outcomes` of the proposal."
_REASON = "Code of why it is not useful; see `dismissals` of the proposal."


class Choice(Schema):
    """A code and what it means."""

    code: str
    title: str


class ProposalShape(Shape):
    """One thing to do. `rank_minor` is what a touch is expected to bring: value at stake times the chance that it helps."""

    id: int
    kind: str
    title: str
    advice: str
    reason: str
    customer_id: int | None
    store_id: int | None
    owner_id: int | None
    owner_name: str
    status: str
    rank_minor: int
    stake_minor: int
    chance: float
    proposed_on: date
    due_at: datetime
    is_overdue: bool
    snoozed_until: date | None
    outcome: str
    note: str
    closed_at: datetime | None
    outcomes: list[Choice]
    dismissals: list[Choice]


class TodayShape(Shape):
    """What is to be done today, kind by kind, most at stake first; `totals` counts also those beyond the limit.

    Where one kind is asked for, `next` leads to the rest of it.
    """

    items: list[ProposalShape]
    next: str | None
    day: date
    totals: dict[str, int]
    open: int
    overdue: int
    snoozed: int
    done_today: int
    not_useful_today: int


class TodayAsked(Schema):
    """Filters of today's list."""

    fields: Fields = ""
    kind: str = Field("", max_length=40, description="Only this kind of proposal: its list has further pages.")
    cursor: Cursor = ""
    store_id: Key | None = None
    mine: bool = Field(False, description="Only what the member of staff behind a personal token owns.")
    limit: int = Field(50, ge=1, le=500, description="Proposals of each kind, at most.")


class DoneGiven(Given):
    """What came of it."""

    outcome: str = Field(min_length=1, max_length=40, description=_OUTCOME)
    note: str = Field("", max_length=300)


class DismissGiven(Given):
    """Why it is not useful."""

    outcome: str = Field(min_length=1, max_length=40, description=_REASON)
    note: str = Field("", max_length=300)


class SnoozeGiven(Given):
    """Until when."""

    until: date = Field(
        description="The day on which it comes back: tomorrow at the earliest, 90 days ahead at the latest."
    )


@operation(
    router, "GET", "/today", permission="worklist.view", answers={200: TodayShape}, title="What is to be done today"
)
def list_today(request: ApiRequest, asked: Query[TodayAsked]) -> HttpResponse:
    """Return today's proposals of the stores within reach, and those that the member of staff owns."""
    refuse_unknown_parameters(request, TodayAsked)
    after = _after(asked)
    found = queries.today_for(
        access=request.actor,
        now=request.now,
        owner_id=(request.actor.staff_id or 0) if asked.mine else None,
        store_ids=None if asked.store_id is None else [asked.store_id],
        kinds=[asked.kind] if asked.kind else None,
        after=after,
        limit=asked.limit,
    )
    shown = [_proposal(item) for group in found.groups for item in group.items]
    counts = found.counts
    more = {
        "day": found.day.isoformat(),
        "totals": {group.kind.code: group.total for group in found.groups},
        "open": counts.open,
        "overdue": counts.overdue,
        "snoozed": counts.snoozed,
        "done_today": counts.done_today,
        "not_useful_today": counts.not_useful_today,
    }
    has_more = bool(asked.kind and found.groups and found.groups[0].has_more)
    following = f"{asked.kind} {shown[-1].rank_minor} {shown[-1].id}" if has_more else None
    return page(request, shown, kind=ProposalShape, following=following, fields=asked.fields, more=more)


def _after(asked: TodayAsked) -> tuple[int, int] | None:
    """Return rank and key at which a page of one kind begins; None for the first one."""
    place = place_of(asked.cursor)
    if place is None:
        return None
    found = _PLACE.fullmatch(place)
    if found is None or found[1] != asked.kind:
        raise CursorIsWrong
    return int(found[2]), int(found[3])


@operation(
    router,
    "GET",
    "/proposals/{proposal_id}",
    permission="worklist.view",
    answers={200: ProposalShape},
    title="One proposal",
)
def get_proposal(request: ApiRequest, proposal_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one proposal within reach, whatever became of it."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _shown(request, proposal_id), fields=asked.fields)


@operation(
    router,
    "POST",
    "/proposals/{proposal_id}/done",
    permission="worklist.work",
    answers={200: ProposalShape},
    refuses=(404,),
    title="Close a proposal as done",
)
def complete_proposal(request: ApiRequest, proposal_id: Key, given: DoneGiven) -> HttpResponse:
    """Close a proposal as done, with what came of it. `If-Match` takes the ETag of the proposal."""

    def change() -> None:
        actions.complete(
            actor=request.actor,
            proposal_id=proposal_id,
            outcome=given.outcome,
            note=given.note.strip(),
            now=request.now,
        )

    return _changed(request, proposal_id, change)


@operation(
    router,
    "POST",
    "/proposals/{proposal_id}/snooze",
    permission="worklist.work",
    answers={200: ProposalShape},
    refuses=(404,),
    title="Put a proposal off",
)
def snooze_proposal(request: ApiRequest, proposal_id: Key, given: SnoozeGiven) -> HttpResponse:
    """Put a proposal aside until a day. `If-Match` takes the ETag of the proposal."""

    def change() -> None:
        actions.snooze(actor=request.actor, proposal_id=proposal_id, until=given.until, now=request.now)

    return _changed(request, proposal_id, change)


@operation(
    router,
    "POST",
    "/proposals/{proposal_id}/dismiss",
    permission="worklist.work",
    answers={200: ProposalShape},
    refuses=(404,),
    title="Close a proposal as not useful",
)
def dismiss_proposal(request: ApiRequest, proposal_id: Key, given: DismissGiven) -> HttpResponse:
    """Close a proposal as not useful, with the reason. `If-Match` takes the ETag of the proposal."""

    def change() -> None:
        actions.dismiss(
            actor=request.actor,
            proposal_id=proposal_id,
            outcome=given.outcome,
            note=given.note.strip(),
            now=request.now,
        )

    return _changed(request, proposal_id, change)


def _changed(request: ApiRequest, proposal_id: int, change: Callable[[], None]) -> HttpResponse:
    def work() -> Shape:
        require_unchanged(request, _shown(request, proposal_id))
        change()
        return _shown(request, proposal_id)

    return once(request, work)


def _shown(request: ApiRequest, proposal_id: int) -> ProposalShape:
    return _proposal(queries.proposal(access=request.actor, proposal_id=proposal_id, now=request.now))


def _proposal(item: queries.ProposalView) -> ProposalShape:
    return ProposalShape(
        id=item.id,
        kind=item.kind.code,
        title=gettext(item.kind.title),
        advice=gettext(item.kind.advice),
        reason=spoken(item.reason),
        customer_id=item.customer_id,
        store_id=item.store_id,
        owner_id=item.owner_id,
        owner_name=item.owner_name,
        status=item.status,
        rank_minor=item.rank,
        stake_minor=item.stake_minor,
        chance=item.chance,
        proposed_on=item.proposed_on,
        due_at=item.due_at,
        is_overdue=item.is_overdue,
        snoozed_until=item.snoozed_until,
        outcome=item.outcome,
        note=item.outcome_note,
        closed_at=item.closed_at,
        outcomes=[Choice(code=each.code, title=gettext(each.title)) for each in item.kind.outcomes],
        dismissals=[Choice(code=each.code, title=gettext(each.title)) for each in item.kind.dismissals],
    )
