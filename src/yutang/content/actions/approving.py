"""Contents are asked for, approved or refused with a reason, taken back, ended: by conditional updates, so that each happens once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Q

from yutang.content.attachments import media_of
from yutang.content.checking import REASONS
from yutang.content.models import Content, Version, VersionState
from yutang.content.organisation import own_words
from yutang.content.standing import who_else_approves
from yutang.content.stored import content_row, open_version
from yutang.content.tasks import renew_media
from yutang.content.writing import found_in, written_of
from yutang.foundation import jobs
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

_LONGEST_REASON = 300


class ContentIsNotOpen(DomainError):
    """There is no version of the content to which this could be done now."""

    code: ClassVar[str] = "content_is_not_open"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The content %(content_id)s has no version for which this could be done now. Load the page again."
    )


class FindingsStopIt(DomainError):
    """The check of words found what stops an approval."""

    code: ClassVar[str] = "findings_stop_it"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("The check of words stops it (%(count)s): “%(words)s”, line %(line)s. %(why)s")


class FourEyes(DomainError):
    """Who wrote or asked does not approve, where others may."""

    code: ClassVar[str] = "four_eyes"
    http_status: ClassVar[int] = 403
    message: ClassVar[str] = N_(
        "You wrote this or asked for its approval yourself. Somebody else "
        "decides: %(others)s. Only where nobody else may approve, the writer does."
    )


class ReasonIsMissing(DomainError):
    """Whoever refuses says why."""

    code: ClassVar[str] = "reason_is_missing"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Say in at most 300 characters why, so that the writer knows what to change.")


@transaction.atomic
def ask_for_approval(*, actor: Actor, content_id: int, now: datetime) -> int:
    """Let the draft of a content wait for approval; return the number of the version.

    Raises:
        NoSuchContent: there is none of this number.
        ContentIsNotOpen: there is no draft.
        FindingsStopIt: the check of words found what stops an approval.
    """
    actor.require("content.edit")
    content, version = _open(content_id, VersionState.DRAFT)
    _check_words(content, version)
    columns = {"asked_by_id": actor.staff_id, "asked_at": now}
    _step(version, VersionState.DRAFT, VersionState.ASKED, columns, now=now)
    _note(actor, "content.ask", version, now=now)
    return version.number


@transaction.atomic
def take_back(*, actor: Actor, content_id: int, now: datetime) -> int:
    """Make a draft again of what waits for approval; return the number of the version.

    Raises:
        NoSuchContent: there is none of this number.
        ContentIsNotOpen: nothing waits.
    """
    actor.require("content.edit")
    _content, version = _open(content_id, VersionState.ASKED)
    _step(version, VersionState.ASKED, VersionState.DRAFT, {"asked_by_id": None, "asked_at": None}, now=now)
    _note(actor, "content.take_back", version, now=now)
    return version.number


@transaction.atomic
def approve(*, actor: Actor, content_id: int, now: datetime) -> int:
    """Approve the version of a content that waits for it; return its number.

    Raises:
        NoSuchContent: there is none of this number.
        ContentIsNotOpen: nothing waits, or its time is over already.
        FourEyes: the actor wrote or asked, and somebody else may approve.
        FindingsStopIt: the check of words found what stops an approval.
    """
    actor.require("content.approve")
    content, version = _open(content_id, VersionState.ASKED)
    if version.expires_at is not None and version.expires_at <= now:
        raise ContentIsNotOpen(content_id=content_id)
    others = who_else_approves(version, actor=actor)
    if others:
        raise FourEyes(others=", ".join(others[:3]))
    _check_words(content, version)
    _step(
        version,
        VersionState.ASKED,
        VersionState.APPROVED,
        {"decided_by_id": actor.staff_id, "decided_at": now},
        now=now,
    )
    _note(actor, "content.approve", version, now=now)
    if media_of(version.attachments):
        jobs.enqueue(renew_media, {}, now=now, idempotency_key=f"renew_media:{version.pk}")
    return version.number


@transaction.atomic
def refuse(*, actor: Actor, content_id: int, reason: str, now: datetime) -> int:
    """Refuse the version of a content that waits for approval, with a reason; return its number.

    Raises:
        NoSuchContent: there is none of this number.
        ContentIsNotOpen: nothing waits.
        ReasonIsMissing: there is no reason, or too long a one.
    """
    actor.require("content.approve")
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise ReasonIsMissing
    _content, version = _open(content_id, VersionState.ASKED)
    columns = {"decided_by_id": actor.staff_id, "decided_at": now, "reason": reason.strip()}
    _step(version, VersionState.ASKED, VersionState.REFUSED, columns, now=now)
    _note(actor, "content.refuse", version, now=now)
    return version.number


@transaction.atomic
def end_content(*, actor: Actor, content_id: int, now: datetime) -> int:
    """Let no approved version of a content be sent from now on; return how many there were.

    Raises:
        NoSuchContent: there is none of this number.
        ContentIsNotOpen: none of its versions is approved and holds.
    """
    actor.require("content.edit")
    content = content_row(content_id)
    holding = Version.objects.filter(content=content, state=VersionState.APPROVED)
    ended = holding.filter(Q(expires_at=None) | Q(expires_at__gt=now)).update(expires_at=now)
    if not ended:
        raise ContentIsNotOpen(content_id=content_id)
    Content.objects.filter(pk=content.pk).update(changed_at=now)
    audit(actor=actor, action="content.end", subject_type="content", subject_id=content_id, now=now)
    return ended


def _open(content_id: int, state: VersionState) -> tuple[Content, Version]:
    content = content_row(content_id)
    version = open_version(content)
    if version is None or version.state != state:
        raise ContentIsNotOpen(content_id=content_id)
    return content, version


def _check_words(content: Content, version: Version) -> None:
    stops = [one for one in found_in(written_of(content, version), own=own_words()) if one.severity == "block"]
    if stops:
        first = stops[0]
        why = Sentence(REASONS[first.reason]).as_json()
        raise FindingsStopIt(count=len(stops), words=first.written or "…", line=first.line, why=why)


def _step(
    version: Version, before: VersionState, after: VersionState, columns: dict[str, Any], *, now: datetime
) -> None:
    """Take a version from one state to another; somebody who was faster by a moment has done it."""
    if not Version.objects.filter(pk=version.pk, state=before).update(state=after, **columns):
        raise ContentIsNotOpen(content_id=version.content_id)
    Content.objects.filter(pk=version.content_id).update(changed_at=now)


def _note(actor: Actor, action: str, version: Version, *, now: datetime) -> None:
    audit(
        actor=actor,
        action=action,
        subject_type="content",
        subject_id=version.content_id,
        detail={"version": version.number},
        now=now,
    )
