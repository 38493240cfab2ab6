"""Rows of the room as its own queries and actions look them up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import ClassVar

from django.db.models import Q

from yutang.content.models import Content, Script, Version, VersionState
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

#: Of a key and a number together: of no more do both exist.
_DIGITS = 18
_WORDING = ("number", "channels", "subject", "body", "attachments", "sms_template", "expires_at")
OPEN_STATES = (VersionState.DRAFT, VersionState.ASKED)


class NoSuchContent(DomainError):
    """There is no content of this number."""

    code: ClassVar[str] = "no_such_content"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no content %(content_id)s.")


class NoSuchVersion(DomainError):
    """A content has no version of this number."""

    code: ClassVar[str] = "no_such_version"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no content “%(reference)s”. A reference is number:version, such as 17:3.")


class NoSuchScript(DomainError):
    """There is no script of this number."""

    code: ClassVar[str] = "no_such_script"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no script %(script_id)s.")


def content_row(content_id: int, *, locked: bool = False) -> Content:
    """Return a content; one that is `locked` is written by nobody else until the transaction ends.

    Raises:
        NoSuchContent: there is none of this number.
    """
    rows = Content.objects.select_for_update() if locked else Content.objects
    content = rows.filter(pk=content_id).first()
    if content is None:
        raise NoSuchContent(content_id=content_id)
    return content


def open_version(content: Content) -> Version | None:
    """Return the version of a content that is being written or waits for approval; None where there is none."""
    return Version.objects.filter(content=content, state__in=OPEN_STATES).first()


def revision_of(content: Content) -> str:
    """Return what tells the latest wording of a content from any other; the state in which it is does not count."""
    version = Version.objects.filter(content=content).order_by("-number").first()
    told = {name: getattr(content, name) for name in ("title", "category", "intent", "persona", "language")}
    if version is not None:
        told |= {name: getattr(version, name) for name in _WORDING}
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def version_named(reference: str) -> Version:
    """Return a version by number of content and version: ``17:3``.

    Raises:
        NoSuchVersion: there is none, or it is no such reference.
    """
    content_id, _colon, number = reference.partition(":")
    digits = content_id + number
    if content_id and number and digits.isdecimal() and digits.isascii() and len(digits) < 19:
        found = Version.objects.filter(content_id=int(content_id), number=int(number)).select_related("content").first()
        if found is not None:
            return found
    raise NoSuchVersion(reference=reference[:40])


def versions_named(references: Iterable[str]) -> dict[str, Version]:
    """Return versions with their contents by reference, ``17:3``, those that there are; one question for all."""
    asked = {one: one.partition(":") for one in references}
    keys = {
        one: (int(a), int(b))
        for one, (a, _colon, b) in asked.items()
        if a and b and (a + b).isascii() and (a + b).isdecimal() and len(a + b) <= _DIGITS
    }
    if not keys:
        return {}
    named = Q(pk__in=[])
    for content_id, number in set(keys.values()):
        named |= Q(content_id=content_id, number=number)
    rows = Version.objects.filter(named).select_related("content")
    found = {(row.content_id, row.number): row for row in rows}
    return {one: found[key] for one, key in keys.items() if key in found}


def script_row(script_id: int) -> Script:
    """Return a script.

    Raises:
        NoSuchScript: there is none of this number.
    """
    script = Script.objects.filter(pk=script_id).first()
    if script is None:
        raise NoSuchScript(script_id=script_id)
    return script
