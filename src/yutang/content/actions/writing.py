"""Contents are made, and written on: what was approved stays, further words are a further version."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.db.models import Max

from yutang.channels.organisation import INTENT_TITLES
from yutang.content.models import Content, Version, VersionState
from yutang.content.stored import content_row, open_version, revision_of
from yutang.content.writing import ContentIsWrong, Written, checked
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence


class ContentWaits(DomainError):
    """It waits for approval, and what is being looked at does not change."""

    code: ClassVar[str] = "content_waits"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The content waits for approval and cannot be changed meanwhile. Take it back first.")


class IntentIsSettled(DomainError):
    """The intent of a content that was approved does not change."""

    code: ClassVar[str] = "intent_is_settled"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "A version of this content was approved as %(intent)s; its intent stays, so that no promotion passes as something else. "
        "Make another content."
    )


class LastDayIsOver(DomainError):
    """A content would be of no use from the beginning."""

    code: ClassVar[str] = "last_day_is_over"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "The last day, %(last_date)s, is over already. Choose today or a later day, or leave it empty."
    )


class ContentWasChanged(DomainError):
    """Somebody wrote on it after it was opened."""

    code: ClassVar[str] = "content_was_changed"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "“%(title)s” was changed after you opened it. What you wrote still stands here and is not kept yet. "
        "Look in another window at what is kept now; saving once more puts yours in its place."
    )


@transaction.atomic
def create_content(*, actor: Actor, written: Written, now: datetime) -> int:
    """Make a content with its first draft, and return its number.

    Raises:
        ContentIsWrong: a part is too long, unknown, or lacking; likewise AttachmentIsWrong, VariableIsUnknown, VariableIsUnreadable.
        LastDayIsOver: its last day is.
    """
    actor.require("content.edit")
    columns = _checked(written, now=now)
    content = Content.objects.create(
        kind=written.kind, intent=written.intent, made_at=now, changed_at=now, **_told(written)
    )
    Version.objects.create(content=content, number=1, written_by_id=actor.staff_id, written_at=now, **columns)
    audit(actor=actor, action="content.create", subject_type="content", subject_id=content.pk, now=now)
    return content.pk


@transaction.atomic
def write_version(*, actor: Actor, content_id: int, written: Written, revision: str = "", now: datetime) -> int:
    """Write on the draft of a content, a new one where all before it were decided about; return the number of the version.

    Args:
        actor: needs ``content.edit``.
        content_id: which.
        written: what it is to be.
        revision: `revision_of` the content when the writer read it; empty where that does not matter.
        now: when. Aware UTC.

    Raises:
        NoSuchContent: there is none of this number.
        ContentWaits: it waits for approval.
        ContentWasChanged: it is not of this revision any more.
        IntentIsSettled: it was approved with another intent.
        LastDayIsOver: its last day is.
        ContentIsWrong: the kind is another, or a part is too long, unknown, or lacking; likewise AttachmentIsWrong, VariableIsUnknown.
    """
    actor.require("content.edit")
    content = content_row(content_id, locked=True)
    if revision and revision != revision_of(content):
        raise ContentWasChanged(title=content.title)
    if written.kind != content.kind:
        raise ContentIsWrong.at("kind", written.kind)
    columns = _checked(written, now=now)
    _settle_intent(content, written.intent)
    version = open_version(content)
    if version is not None and version.state == VersionState.ASKED:
        raise ContentWaits
    number = _begin(content, actor, columns, now) if version is None else _go_on(version, actor, columns, now)
    Content.objects.filter(pk=content.pk).update(intent=written.intent, changed_at=now, **_told(written))
    return number


def _checked(written: Written, *, now: datetime) -> dict[str, Any]:
    columns = checked(written)
    if columns["expires_at"] is not None and columns["expires_at"] <= now:
        raise LastDayIsOver(last_date=str(written.last_date))
    return columns


def _begin(content: Content, actor: Actor, columns: dict[str, Any], now: datetime) -> int:
    number = 1 + (Version.objects.filter(content=content).aggregate(n=Max("number"))["n"] or 0)
    try:
        with transaction.atomic():
            Version.objects.create(
                content=content, number=number, written_by_id=actor.staff_id, written_at=now, **columns
            )
    except IntegrityError as error:
        # Somebody else began a draft in this moment.
        raise ContentWaits from error
    return number


def _go_on(version: Version, actor: Actor, columns: dict[str, Any], now: datetime) -> int:
    drafts = Version.objects.filter(pk=version.pk, state=VersionState.DRAFT)
    if not drafts.update(written_by_id=actor.staff_id, written_at=now, **columns):
        raise ContentWaits
    return version.number


def _settle_intent(content: Content, intent: str) -> None:
    was_approved = Version.objects.filter(content=content, state=VersionState.APPROVED).exists()
    if intent != content.intent and was_approved:
        raise IntentIsSettled(intent=Sentence(INTENT_TITLES[content.intent]).as_json())


def _told(written: Written) -> dict[str, str]:
    """Return what may change about a content whatever was approved: how staff find it."""
    return {
        "title": written.title.strip(),
        "category": written.category.strip(),
        "persona": written.persona.strip(),
        "language": written.language,
    }
