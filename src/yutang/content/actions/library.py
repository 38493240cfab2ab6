"""Many contents and scripts at once: from a file, or those that come ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yutang.content.actions.approving import approve, ask_for_approval
from yutang.content.actions.scripts import add_script
from yutang.content.actions.writing import create_content
from yutang.content.library_file import Library, ready
from yutang.content.models import Content, Script
from yutang.foundation.access import Actor


@dataclass(frozen=True)
class LibraryWritten:
    """What became of a library.

    Attributes:
        content_ids: contents that were made, in the order of the file.
        scripts: scripts that were added. Count.
        known: contents and scripts that were there before under the same title in the same language, and were left alone. Count.
    """

    content_ids: tuple[int, ...]
    scripts: int
    known: int


@transaction.atomic
def write_library(*, actor: Actor, library: Library, now: datetime) -> LibraryWritten:
    """Make drafts of the contents of a library and add its scripts: all of it or nothing; what is there before stays as it is.

    Raises:
        ContentIsWrong: a content is; likewise AttachmentIsWrong, VariableIsUnknown, VariableIsUnreadable.
        ScriptIsWrong: a script is.
        FindingsStopIt: the check of words found in a script what nobody may say.
    """
    actor.require("content.edit")
    contents = set(Content.objects.values_list("language", "title"))
    scripts = set(Script.objects.values_list("language", "title"))
    new = [one for one in library.contents if (one.language, one.title.strip()) not in contents]
    spoken = [one for one in library.scripts if (one.language, one.title.strip()) not in scripts]
    made = tuple(create_content(actor=actor, written=one, now=now) for one in new)
    for one in spoken:
        add_script(actor=actor, situation=one.situation, title=one.title, body=one.body, language=one.language, now=now)
    known = len(library.contents) + len(library.scripts) - len(made) - len(spoken)
    return LibraryWritten(made, len(spoken), known)


@transaction.atomic
def ready_library(*, actor: Actor, now: datetime) -> LibraryWritten:
    """Bring in the library that comes with the product, approved as it is: its words were checked before it was shipped.

    Raises:
        FindingsStopIt: a list of words of the organisation stops one of them.
    """
    actor.require("content.approve")
    written = write_library(actor=actor, library=ready(), now=now)
    for content_id in written.content_ids:
        ask_for_approval(actor=actor, content_id=content_id, now=now)
        approve(actor=actor, content_id=content_id, now=now)
    return written
