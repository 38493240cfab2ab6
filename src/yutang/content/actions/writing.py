"""Contents are made, and written on: what was approved stays, further words are a further version."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction
from django.db.models import Max

from yutang.channels.organisation import INTENT_TITLES
from yutang.content.models import Content, Version, VersionState
from yutang.content.stored import content_row, open_version
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


@transaction.atomic
def create_content(*, actor: Actor, written: Written, now: datetime) -> int:
    """Make a content with its first draft, and return its number.

    Raises:
        ContentIsWrong: a part is too long, unknown, or lacking; likewise AttachmentIsWrong, VariableIsUnknown, VariableIsUnreadable.
    """
    actor.require("content.edit")
    columns = checked(written)
    content = Content.objects.create(
        kind=written.kind, intent=written.intent, made_at=now, changed_at=now, **_told(written)
    )
    Version.objects.create(content=content, number=1, written_by_id=actor.staff_id, written_at=now, **columns)
    audit(actor=actor, action="content.create", subject_type="content", subject_id=content.pk, now=now)
    return content.pk


@transaction.atomic
def write_version(*, actor: Actor, content_id: int, written: Written, now: datetime) -> int:
    """Write on the draft of a content, a new one where all before it were decided about; return the number of the version.

    Raises:
        NoSuchContent: there is none of this number.
        ContentWaits: it waits for approval.
        IntentIsSettled: it was approved with another intent.
        ContentIsWrong: the kind is another, or a part is too long, unknown, or lacking; likewise AttachmentIsWrong, VariableIsUnknown.
    """
    actor.require("content.edit")
    content = content_row(content_id)
    if written.kind != content.kind:
        raise ContentIsWrong.at("kind", written.kind)
    columns = checked(written)
    _settle_intent(content, written.intent)
    version = open_version(content)
    if version is not None and version.state == VersionState.ASKED:
        raise ContentWaits
    number = _begin(content, actor, columns, now) if version is None else _go_on(version, actor, columns, now)
    Content.objects.filter(pk=content.pk).update(intent=written.intent, changed_at=now, **_told(written))
    return number


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
