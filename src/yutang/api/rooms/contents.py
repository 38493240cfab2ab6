"""Operations on the content library: what can be said, in its versions, and the check of words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from yutang.api.answers import Given, Key, OneAsked, PageAsked, Shape, key_of, one, page, require_unchanged
from yutang.api.door import ApiRequest, operation, refuse_unknown_parameters
from yutang.api.once import once
from yutang.api.speech import spoken
from yutang.content import actions, queries
from yutang.content.checking import REASONS, Finding
from yutang.content.queries import ContentFilters
from yutang.content.views import ContentView
from yutang.content.writing import Written

router = Router(tags=["contents"])

_Short = Annotated[str, StringConstraints(max_length=120)]
_Kind = Literal["text", "picture", "card", "link", "file"]
_Intent = Literal["transactional", "service", "value", "research", "promotion"]
_Channel = Literal["wecom", "sms", "email", "group"]
_Language = Literal["zh-hans", "en"]
_State = Literal["draft", "asked", "approved", "refused", "expired"]


class ContentShape(Shape):
    """A content as messages say it: the version that is approved and holds, else the latest. `reference` names it in a message."""

    id: int
    reference: str
    version: int
    state: str
    is_being_written: bool
    title: str
    kind: str
    intent: str
    category: str
    persona: str
    language: str
    channels: list[str]
    subject: str
    body: str
    attachments: list[dict[str, Any]]
    sms_template: str
    expires_at: datetime | None
    reason: str
    changed_at: datetime


class ContentsPage(Shape):
    """A page of the library, newest first."""

    items: list[ContentShape]
    next: str | None


class FindingShape(Shape):
    """Something that should not be in a text: where (line and character from 1), how grave (`block` or `warn`), why, what instead."""

    part: str
    line: int
    column: int
    written: str
    group: str
    severity: str
    why: str
    suggestion: str


class CheckedShape(Shape):
    """What the check of words finds; with any finding of severity `block` nothing is approved."""

    stops: int
    findings: list[FindingShape]


class ContentGiven(Given):
    """A content. `attachments` as WeCom names them; media are told by the digest under which they were added in the console."""

    title: str = Field(min_length=1, max_length=80)
    kind: _Kind = "text"
    intent: _Intent
    channels: list[_Channel] = Field(min_length=1, max_length=4)
    body: Annotated[str, StringConstraints(max_length=4_000)] = ""
    subject: _Short = ""
    attachments: list[dict[str, Annotated[str, StringConstraints(max_length=2_048)]]] = Field(
        default_factory=list, max_length=9
    )
    category: Annotated[str, StringConstraints(max_length=40)] = ""
    persona: Annotated[str, StringConstraints(max_length=80)] = ""
    language: _Language = "zh-hans"
    sms_template: Annotated[str, StringConstraints(max_length=40)] = ""
    last_date: date | None = None


class ContentsAsked(PageAsked):
    """Filters of the library."""

    q: Annotated[str, StringConstraints(max_length=120)] = ""
    kind: _Kind | None = None
    intent: _Intent | None = None
    channel: _Channel | None = None
    language: _Language | None = None
    state: _State | None = None


@operation(
    router, "GET", "/contents", permission="content.view", answers={200: ContentsPage}, title="The content library"
)
def list_contents(request: ApiRequest, asked: Query[ContentsAsked]) -> HttpResponse:
    """Return contents, newest first, with the version that is approved and holds, else the latest."""
    refuse_unknown_parameters(request, ContentsAsked)
    filters = ContentFilters(
        text=asked.q,
        kind=asked.kind or "",
        intent=asked.intent or "",
        channel=asked.channel or "",
        language=asked.language or "",
        state=asked.state or "",
    )
    found = queries.library(
        access=request.actor, filters=filters, after_key=key_of(asked.cursor), limit=asked.limit, now=request.now
    )
    shown = [_content(view) for view in found.rows]
    following = None if found.next_key is None else str(found.next_key)
    return page(request, shown, kind=ContentShape, following=following, fields=asked.fields)


@operation(
    router,
    "GET",
    "/contents/{content_id}",
    permission="content.view",
    answers={200: ContentShape},
    title="One content",
)
def get_content(request: ApiRequest, content_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return one content."""
    refuse_unknown_parameters(request, OneAsked)
    return one(request, _shown(request, content_id), fields=asked.fields)


@operation(
    router, "POST", "/contents", permission="content.edit", answers={201: ContentShape}, title="Write a new content"
)
def create_content(request: ApiRequest, given: ContentGiven) -> HttpResponse:
    """Make a content with its first draft; nothing is sent before somebody approved it."""

    def work() -> ContentShape:
        content_id = actions.create_content(actor=request.actor, written=_written(given), now=request.now)
        return _shown(request, content_id)

    return once(request, work, status=201, location=lambda shown: f"/api/v1/contents/{shown.id}")


@operation(
    router,
    "PUT",
    "/contents/{content_id}",
    permission="content.edit",
    answers={200: ContentShape},
    refuses=(404,),
    title="Write on a content",
)
def write_content(request: ApiRequest, content_id: Key, given: ContentGiven) -> HttpResponse:
    """Write on the draft of a content, a new version where all before it were decided about."""

    def work() -> ContentShape:
        require_unchanged(request, _shown(request, content_id))
        actions.write_version(actor=request.actor, content_id=content_id, written=_written(given), now=request.now)
        return _shown(request, content_id)

    return once(request, work)


@operation(
    router,
    "POST",
    "/contents/{content_id}/ask",
    permission="content.edit",
    answers={200: ContentShape},
    refuses=(404,),
    title="Ask for the approval of a content",
)
def ask_for_content(request: ApiRequest, content_id: Key) -> HttpResponse:
    """Let the draft of a content wait until somebody approves or refuses it in the console."""

    def work() -> ContentShape:
        require_unchanged(request, _shown(request, content_id))
        actions.ask_for_approval(actor=request.actor, content_id=content_id, now=request.now)
        return _shown(request, content_id)

    return once(request, work)


@operation(
    router,
    "GET",
    "/contents/{content_id}/check",
    permission="content.view",
    answers={200: CheckedShape},
    title="What the check of words finds in a content",
)
def check_content(request: ApiRequest, content_id: Key, asked: Query[OneAsked]) -> HttpResponse:
    """Return what law, platforms and your own list forbid in the version that is shown."""
    refuse_unknown_parameters(request, OneAsked)
    view = queries.content(access=request.actor, content_id=content_id, now=request.now)
    found = queries.check(access=request.actor, written=view.version.written)
    shown = CheckedShape(stops=found.stops, findings=[_finding(each) for each in found.findings])
    return one(request, shown, fields=asked.fields)


def _shown(request: ApiRequest, content_id: int) -> ContentShape:
    return _content(queries.content(access=request.actor, content_id=content_id, now=request.now))


def _written(given: ContentGiven) -> Written:
    return Written(**given.model_dump())


def _content(view: ContentView) -> ContentShape:
    version, written = view.version, view.version.written
    return ContentShape(
        id=view.id,
        reference=version.reference,
        version=version.number,
        state=version.state,
        is_being_written=view.is_being_written,
        title=written.title,
        kind=written.kind,
        intent=written.intent,
        category=written.category,
        persona=written.persona,
        language=written.language,
        channels=list(written.channels),
        subject=written.subject,
        body=written.body,
        attachments=[dict(each) for each in written.attachments],
        sms_template=written.sms_template,
        expires_at=version.expires_at,
        reason=version.reason,
        changed_at=view.changed_at,
    )


def _finding(found: Finding) -> FindingShape:
    return FindingShape(
        part=found.part,
        line=found.line,
        column=found.column,
        written=found.written,
        group=found.group,
        severity=found.severity,
        why=spoken(REASONS[found.reason]),
        suggestion=found.suggestion,
    )
