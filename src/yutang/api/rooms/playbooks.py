"""Operations on playbooks: which there are, what they say, starting and pausing them, letting people in by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Key, OneAsked, Shape, one, page, require_unchanged
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.customers.queries import NoSuchCustomer, customer_rows
from yutang.journeys import actions, queries

router = Router(tags=["playbooks"])

_VIEW, _CHANGE, _RUN = "journeys.view", "journeys.change", "journeys.run"
_Name = Annotated[str, StringConstraints(max_length=80)]
_Occasion = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:-]+$")]
_GroupKey = Annotated[str, StringConstraints(min_length=1, max_length=64)]
#: Who one call may let in.
MOST_AT_ONCE = 1_000


class PlaybookInList(Shape):
    """A playbook. `subject` is person or group; counts are of these; `draft_differs`: the draft says something else than the version.

    `unreached`: how often it happened to somebody whom on some course through the playbook no step reaches, who was not let in; null
    for who sees some stores only.
    """

    id: int
    name: str
    ready: str
    state: str
    subject: str
    version: int | None
    draft_differs: bool
    inside: int
    entered: int
    held_out: int
    unreached: int | None
    ended: dict[str, int]
    created_at: datetime
    changed_at: datetime


class PlaybookShape(PlaybookInList):
    """A playbook with what its draft says, and what the version says that is entered; null before the first start."""

    draft: dict[str, Any]
    definition: dict[str, Any] | None


class PlaybooksShape(Shape):
    """All playbooks, those that run first."""

    items: list[PlaybookInList]
    next: str | None


class EnrolledShape(Shape):
    """What became of those who were to be let in: came in, were held out by lot, were not let in, are not reached on some course."""

    playbook_id: int
    entered: int
    held_out: int
    not_let_in: int
    unreached: int


class ForeseenShape(Shape):
    """What one step would do on one day: of the contact policy now, at, replace or refuse, or task, post; by how many. Count."""

    day: date
    step: str
    outcome: str
    count: int


class LeftShape(Shape):
    """How many are left, each time of who was left before: at trigger, audience (one condition, its `rule`), again or reach. Count."""

    asked: str
    count: int
    rule: dict[str, Any] | None


class PlaybookTrialShape(Shape):
    """What the draft would do within the coming days: who would come in, by the rules as of now, and the calendar of what would go out.

    `basis`: present (who fits now), days (whose day comes), schedule, past (as if the coming days were like the last) or unknown.
    `of_people` would come in, `people` of them were played, evenly spread, of whom `held_out` get nothing; `unreached` more would
    not come in because on some course through the playbook no step reaches them. `said_to`: who of those played would be said something
    to. `left`: how many are left at each thing that is asked, in turn. `reasons`: why messages would not go out at once, by code of the
    contact policy. `cannot_go_out`: steps whose short messages no gateway takes.
    """

    playbook_id: int
    days: int
    subject: str
    basis: str
    of_people: int
    people: int
    held_out: int
    unreached: int
    said_to: int
    left: list[LeftShape]
    calendar: list[ForeseenShape]
    reasons: dict[str, int]
    cannot_go_out: list[str]


class PlaybookGiven(Given):
    """A new playbook: a definition (see docs/playbooks.md), or the key of a ready one in a language; its name may be left to it."""

    name: _Name = ""
    definition: dict[str, Any] | None = None
    ready: Annotated[str, StringConstraints(max_length=40)] = ""
    language: Literal["zh-hans", "en"] = "zh-hans"


class DraftGiven(Given):
    """What a playbook is to say from its next version on."""

    definition: dict[str, Any]


class EnrolGiven(Given):
    """Who is to come in: people, or groups where the playbook is about groups. The same `occasion` lets nobody in twice."""

    customer_ids: list[Key] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    group_keys: list[_GroupKey] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    occasion: _Occasion


@operation(router, "GET", "/playbooks", permission=_VIEW, answers={200: PlaybooksShape}, title="List playbooks")
def list_playbooks(request: ApiRequest, asked: Query[OneAsked]) -> HttpResponse:
    """Return all playbooks on one page, those that run first."""
    refuse_unknown_parameters(request, OneAsked)
    shown = [PlaybookInList(**_told(view)) for view in queries.playbooks(access=request.actor)]
    return page(request, shown, kind=PlaybookInList, following=None, fields=asked.fields)


@operation(
    router,
    "POST",
    "/playbooks",
    permission=_CHANGE,
    answers={201: PlaybookShape},
    refuses=(404,),
    title="Write a playbook",
)
def create_playbook(request: ApiRequest, given: PlaybookGiven) -> HttpResponse:
    """Write a playbook as a draft, from a definition or from a ready one. Nothing runs before it is started."""

    def work() -> Shape:
        told: dict[str, Any] = {"actor": request.actor, "name": given.name, "now": request.now}
        if given.definition is not None:
            key = actions.create_playbook(definition=given.definition, **told)
        else:
            key = actions.adopt_playbook(ready=given.ready, language=given.language, **told)
        return _shown(request, key)

    return once(request, work, status=201, location=lambda shown: f"/api/v1/playbooks/{shown.id}")


@operation(
    router, "GET", "/playbooks/{playbook_id}", permission=_VIEW, answers={200: PlaybookShape}, title="One playbook"
)
def get_playbook(request: ApiRequest, playbook_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one playbook: what it says, its state, and who is in it."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _shown(request, playbook_id), fields=asked.fields)


@operation(
    router,
    "GET",
    "/playbooks/{playbook_id}/try",
    permission=_VIEW,
    answers={200: PlaybookTrialShape},
    refuses=(409,),
    title="Try a playbook",
)
def try_playbook(request: ApiRequest, playbook_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Play the draft on real people, or groups, as of now: what would go out when. Nothing is written and nothing is sent."""
    refuse_unknown_parameters(request, OneAsked)
    view = queries.playbook(access=request.actor, playbook_id=playbook_id)
    found = queries.dry_run(access=request.actor, playbook_id=playbook_id, now=request.now)
    draft = queries.definition_read(view.draft)
    counts = Counter((each.day, each.step, each.outcome) for each in found.foreseen)
    held_back = Counter(each.reason for each in found.foreseen if each.outcome in {"at", "replace", "refuse"})
    shown = PlaybookTrialShape(
        playbook_id=playbook_id,
        days=queries.DAYS,
        subject=draft.subject,
        basis=found.basis,
        of_people=found.of_people,
        people=found.people,
        held_out=found.held,
        unreached=found.unreached,
        said_to=found.said_to,
        left=[
            LeftShape(asked=each.asked, count=each.count, rule=None if each.rule is None else dict(each.rule))
            for each in found.left
        ],
        calendar=[
            ForeseenShape(day=day, step=step, outcome=outcome, count=n)
            for (day, step, outcome), n in sorted(counts.items())
        ],
        reasons=dict(held_back.most_common()),
        cannot_go_out=[place.partition(".")[0] for place, _sentence in queries.without_template(draft)],
    )
    return one(request, shown, fields=asked.fields)


@operation(
    router,
    "PUT",
    "/playbooks/{playbook_id}/draft",
    permission=_CHANGE,
    answers={200: PlaybookShape},
    refuses=(404,),
    title="Write the draft of a playbook",
)
def write_draft(request: ApiRequest, playbook_id: Key, given: DraftGiven) -> HttpResponse:
    """Write what a playbook is to say from its next start on; who is in it is not touched."""

    def work() -> Shape:
        require_unchanged(request, _shown(request, playbook_id))
        actions.save_draft(actor=request.actor, playbook_id=playbook_id, definition=given.definition, now=request.now)
        return _shown(request, playbook_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/playbooks/{playbook_id}/start",
    permission=_RUN,
    answers={200: PlaybookShape},
    refuses=(404,),
    title="Start a playbook",
)
def start_playbook(request: ApiRequest, playbook_id: Key) -> HttpResponse:
    """Publish the draft as a version, where it differs from the latest, and let the playbook run."""

    def work() -> Shape:
        require_unchanged(request, _shown(request, playbook_id))
        actions.start_playbook(actor=request.actor, playbook_id=playbook_id, now=request.now)
        return _shown(request, playbook_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/playbooks/{playbook_id}/pause",
    permission=_RUN,
    answers={200: PlaybookShape},
    refuses=(404,),
    title="Pause a playbook",
)
def pause_playbook(request: ApiRequest, playbook_id: Key) -> HttpResponse:
    """Let nobody in and move nobody on until the playbook is resumed."""

    def work() -> Shape:
        require_unchanged(request, _shown(request, playbook_id))
        actions.pause_playbook(actor=request.actor, playbook_id=playbook_id, now=request.now)
        return _shown(request, playbook_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/playbooks/{playbook_id}/resume",
    permission=_RUN,
    answers={200: PlaybookShape},
    refuses=(404,),
    title="Resume a playbook",
)
def resume_playbook(request: ApiRequest, playbook_id: Key) -> HttpResponse:
    """Let a paused playbook run on."""

    def work() -> Shape:
        require_unchanged(request, _shown(request, playbook_id))
        actions.resume_playbook(actor=request.actor, playbook_id=playbook_id, now=request.now)
        return _shown(request, playbook_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/playbooks/{playbook_id}/enrol",
    permission=_RUN,
    answers={200: EnrolledShape},
    refuses=(404,),
    title="Let people or groups in",
)
def enrol(request: ApiRequest, playbook_id: Key, given: EnrolGiven) -> HttpResponse:
    """Let people or groups into a running playbook, as far as audience, re-entry and lot allow; needs `customers.view` too."""

    def work() -> Shape:
        request.actor.require("customers.view")
        told: dict[str, Any] = {
            "actor": request.actor,
            "playbook_id": playbook_id,
            "occasion": given.occasion,
            "now": request.now,
        }
        if given.group_keys and not given.customer_ids:
            entries = actions.enrol_groups(group_keys=given.group_keys, **told)
        else:
            _require_reach(request, given.customer_ids)
            entries = actions.enrol_people(customer_ids=given.customer_ids, **told)
        return EnrolledShape(
            playbook_id=playbook_id,
            entered=entries.entered,
            held_out=entries.held,
            not_let_in=entries.refused,
            unreached=entries.unreached,
        )

    return once(request, work)


def _require_reach(request: ApiRequest, customer_ids: list[int]) -> None:
    known = customer_rows(access=request.actor, ids=customer_ids)
    for key in customer_ids:
        if key not in known:
            raise NoSuchCustomer(customer_id=key)


def _shown(request: ApiRequest, playbook_id: int) -> PlaybookShape:
    view = queries.playbook(access=request.actor, playbook_id=playbook_id)
    definition = dict(view.definition) if view.definition is not None else None
    return PlaybookShape(**_told(view), draft=dict(view.draft), definition=definition)


def _told(view: queries.PlaybookView) -> dict[str, Any]:
    return {
        "id": view.id,
        "name": view.name,
        "ready": view.ready,
        "state": view.state,
        "subject": (view.definition or view.draft).get("subject", "person"),
        "version": view.version,
        "draft_differs": view.differs,
        "inside": view.counts.inside,
        "entered": view.counts.entered,
        "held_out": view.counts.held,
        "unreached": view.counts.unreached,
        "ended": dict(view.counts.ended),
        "created_at": view.created_at,
        "changed_at": view.changed_at,
    }
