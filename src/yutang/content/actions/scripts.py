"""Scripts for staff are written, changed and deleted."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from yutang.content.actions.approving import FindingsStopIt
from yutang.content.checking import REASONS, findings_in
from yutang.content.models import Script
from yutang.content.organisation import own_words
from yutang.content.situations import SITUATIONS
from yutang.content.stored import script_row
from yutang.content.writing import LANGUAGES, PART_TITLES
from yutang.foundation.access import Actor
from yutang.foundation.audit import audit
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence

_LONGEST = {"title": 80, "body": 1_000}


class ScriptIsWrong(DomainError):
    """A part of a script cannot be this."""

    code: ClassVar[str] = "script_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "“%(named)s” cannot be “%(written)s”. A script has a known situation "
        "and language, a title of at most 80 characters and words of at most 1,000."
    )


@transaction.atomic
def add_script(*, actor: Actor, situation: str, title: str, body: str, language: str, now: datetime) -> int:
    """Add a script and return its number.

    Raises:
        ScriptIsWrong: a part is too long, unknown, or lacking.
        FindingsStopIt: the check of words found what nobody may say.
    """
    actor.require("content.edit")
    columns = _checked(situation, title, body, language)
    script = Script.objects.create(written_by_id=actor.staff_id, changed_at=now, **columns)
    audit(actor=actor, action="content.add_script", subject_type="script", subject_id=script.pk, now=now)
    return script.pk


@transaction.atomic
def change_script(
    *, actor: Actor, script_id: int, situation: str, title: str, body: str, language: str, now: datetime
) -> None:
    """Change a script.

    Raises:
        NoSuchScript: there is none of this number.
        ScriptIsWrong: a part is too long, unknown, or lacking.
        FindingsStopIt: the check of words found what nobody may say.
    """
    actor.require("content.edit")
    script = script_row(script_id)
    columns = _checked(situation, title, body, language)
    Script.objects.filter(pk=script.pk).update(written_by_id=actor.staff_id, changed_at=now, **columns)
    audit(actor=actor, action="content.change_script", subject_type="script", subject_id=script.pk, now=now)


@transaction.atomic
def delete_script(*, actor: Actor, script_id: int, now: datetime) -> None:
    """Delete a script.

    Raises:
        NoSuchScript: there is none of this number.
    """
    actor.require("content.edit")
    script = script_row(script_id)
    Script.objects.filter(pk=script.pk).delete()
    detail = {"name": script.title}
    audit(
        actor=actor, action="content.delete_script", subject_type="script", subject_id=script_id, detail=detail, now=now
    )


def _checked(situation: str, title: str, body: str, language: str) -> dict[str, str]:
    if situation not in SITUATIONS:
        raise _wrong("situation", situation)
    if language not in LANGUAGES:
        raise _wrong("language", language)
    for part, text in (("title", title), ("body", body)):
        if not 0 < len(text.strip()) <= _LONGEST[part]:
            raise _wrong(part, text)
    stops = [one for one in findings_in(body, own=own_words()) if one.severity == "block"]
    if stops:
        why = Sentence(REASONS[stops[0].reason]).as_json()
        raise FindingsStopIt(count=len(stops), words=stops[0].written, line=stops[0].line, why=why)
    return {"situation": situation, "title": title.strip(), "body": body.strip(), "language": language}


def _wrong(part: str, written: str) -> ScriptIsWrong:
    return ScriptIsWrong(part=part, named=Sentence(PART_TITLES[part]).as_json(), written=written[:80])
