"""Writing a content: the words, what goes with them, and beside them how it is read and what the check finds while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import content_parts as parts
from yutang.console.sentences import spoken
from yutang.console.uploads import takes_files
from yutang.content import actions, queries
from yutang.content.attachments import OF_KIND, AttachmentIsWrong, media_of
from yutang.content.media import MOST_BYTES
from yutang.content.variables import VARIABLES
from yutang.content.writing import LONGEST, Written
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Fields of a link and of a card, as the form names them: name in the form -> name in the attachment.
_LINK = {"link_title": "title", "link_url": "url", "link_desc": "desc", "link_picurl": "picurl"}
_CARD = {"card_title": "title", "card_appid": "appid", "card_page": "page"}
_LARGEST = max(MOST_BYTES.values())


class LastDayIsUnreadable(DomainError):
    """The field of the last day holds no day."""

    code = "last_day_is_unreadable"
    http_status = 422
    message = N_("“%(written)s” is no day. Write it as 2026-03-31, or leave it empty.")


@room("content.edit")
@takes_files
def new(request: StaffRequest) -> HttpResponse:
    """Make a content."""
    if request.method != "POST":
        return _form(request, _fresh(request))
    media: Sequence[str] = ()
    try:
        media = _added(request)
        content_id = actions.create_content(actor=request.actor, written=_written(request.POST, media), now=request.now)
    except DomainError as refusal:
        return _form(request, _values(request.POST, media), error=refusal)
    messages.success(request, _("The draft is kept. Ask for its approval when it is ready."))
    return redirect("content-one", content_id)


@room("content.edit")
@takes_files
def edit(request: StaffRequest, content_id: int) -> HttpResponse:
    """Write on a content: on its draft, or on a further version."""
    view = queries.content(access=request.actor, content_id=content_id, now=request.now)
    latest = queries.versions_of(access=request.actor, content_id=content_id, now=request.now)[0]
    if request.method != "POST":
        return _form(request, _known(latest.written), content=view, revision=_revision(request, content_id))
    media: Sequence[str] = ()
    try:
        media = _added(request)
        written = _written(request.POST, media)
        revision = request.POST.get("revision", "")
        actions.write_version(
            actor=request.actor, content_id=content_id, written=written, revision=revision, now=request.now
        )
    except actions.ContentWasChanged as refusal:
        # Who reads this and saves once more knows what it replaces.
        revision = _revision(request, content_id)
        return _form(request, _values(request.POST, media), content=view, error=refusal, revision=revision)
    except DomainError as refusal:
        values, revision = _values(request.POST, media), request.POST.get("revision", "")
        return _form(request, values, content=view, error=refusal, revision=revision)
    messages.success(request, _("The draft is kept. Ask for its approval when it is ready."))
    return redirect("content-one", content_id)


def _revision(request: StaffRequest, content_id: int) -> str:
    return queries.revision(access=request.actor, content_id=content_id)


@room("content.edit")
@require_POST
def look(request: StaffRequest) -> HttpResponse:
    """Show how what is being written is read, and what the check finds in it; nothing is kept."""
    return render(request, "console/content/look.html", _looked_at(request, lambda: _written(request.POST)))


def _looked_at(request: StaffRequest, read: Callable[[], Written]) -> dict[str, Any]:
    """Return preview and findings of what `read` returns; what cannot be read yet is told, and is no error."""
    try:
        written = read()
        shown = queries.preview(access=request.actor, written=written, now=request.now)
        check = queries.check(access=request.actor, written=written)
    except DomainError as refusal:
        return {"problem": spoken(refusal.sentence)}
    return {
        "frames": parts.frames(request, written, shown),
        "findings": parts.finding_rows(check.findings, written),
        "stops": check.stops,
        "is_new": not written.body.strip() and not written.attachments,
    }


def _added(request: StaffRequest) -> list[str]:
    """Keep the files that came along and return their digests, those that were there before in front."""
    kept = [digest for digest in request.POST.getlist("media") if len(digest) == 64]
    for one in request.FILES.getlist("files")[:9]:
        content = one.read(_LARGEST + 1)
        kept.append(actions.add_medium(actor=request.actor, content=content, name=one.name or "", now=request.now))
    return list(dict.fromkeys(kept))


def _written(given: QueryDict, media: Sequence[str] = ()) -> Written:
    kind = given.get("kind", "text")
    return Written(
        title=given.get("title", ""),
        kind=kind,
        intent=given.get("intent", ""),
        channels=tuple(given.getlist("channels")),
        body=given.get("body", ""),
        subject=given.get("subject", ""),
        attachments=_attachments(given, kind, media or given.getlist("media")),
        category=given.get("category", ""),
        persona=given.get("persona", ""),
        language=given.get("language", "zh-hans"),
        sms_template=given.get("sms_template", ""),
        last_date=_last_day(given.get("last_date", "").strip()),
    )


def _attachments(given: QueryDict, kind: str, media: Sequence[str]) -> tuple[dict[str, str], ...]:
    attached, most = OF_KIND.get(kind, ("", 0))
    if kind == "link":
        return ({"kind": attached, **{name: given.get(field, "") for field, name in _LINK.items()}},)
    if kind == "card":
        card = {name: given.get(field, "") for field, name in _CARD.items()}
        return ({"kind": attached, **card, "media": next(iter(media), "")},)
    # A new file takes the place of the one before.
    return tuple({"kind": attached, "media": digest} for digest in media[-most:]) if most else ()


def _last_day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise LastDayIsUnreadable(written=written[:20]) from error


def _fresh(request: StaffRequest) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    known = kind if kind in parts.KINDS else "text"
    return _known(Written(title="", kind=known, intent="value", channels=("wecom",), language=_language(request)))


def _language(request: StaffRequest) -> str:
    return "en" if getattr(request, "LANGUAGE_CODE", "") == "en" else "zh-hans"


def _known(written: Written) -> dict[str, Any]:
    """Return the fields of the form with a content that is kept."""
    first = dict(next(iter(written.attachments), {}))
    link = {field: first.get(name, "") for field, name in _LINK.items()} if written.kind == "link" else {}
    card = {field: first.get(name, "") for field, name in _CARD.items()} if written.kind == "card" else {}
    named = {name: getattr(written, name) for name in (*LONGEST, "kind", "intent", "body", "language")}
    day = written.last_date.isoformat() if written.last_date else ""
    kept = {"channels": tuple(written.channels), "media": media_of(written.attachments), "last_date": day}
    return {**named, **link, **card, **kept, "written": written}


def _values(given: QueryDict, media: Sequence[str]) -> dict[str, Any]:
    """Return the fields of the form as they were sent."""
    return {**given.dict(), "channels": tuple(given.getlist("channels")), "media": media or given.getlist("media")}


def _told(error: DomainError | None) -> dict[str, str]:
    """Return a refusal for the form: what is wrong with something attached stands at its field, in the words of that field alone."""
    if not isinstance(error, AttachmentIsWrong) or not isinstance(error.data["what"], dict):
        return {"error": spoken(error.sentence) if error else ""}
    at = {"link": _LINK, "miniprogram": _CARD}.get(error.data["attachment"], {})
    field = next((field for field, name in at.items() if name == error.data["field"]), "files")
    return {"error": spoken(error.data["what"]), "wrong": field}


def _form(
    request: StaffRequest,
    values: dict[str, Any],
    *,
    content: Any = None,
    error: DomainError | None = None,
    revision: str = "",
) -> HttpResponse:
    media = [digest for digest in values["media"] if digest]
    attachments = [{"kind": "image", "media": digest} for digest in media]
    context = {
        **parts.choices(),
        **_looked_at(request, lambda: values["written"] if "written" in values else _written(request.POST, media)),
        "values": values,
        "content": content,
        "revision": revision,
        "media": parts.attached(request, attachments),
        "variables": [(one.name, one.chinese, _(one.title), one.read is not None) for one in VARIABLES],
        "categories": queries.categories(access=request.actor),
        **_told(error),
        "is_settled": content is not None and content.version.state in {"approved", "expired"},
    }
    return render(request, "console/content/editor.html", context, status=error.http_status if error else 200)
