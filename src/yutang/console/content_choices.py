"""Choices of contents of the library, as forms of other rooms offer them."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yutang.console.access import StaffRequest
from yutang.console.rooms.content_parts import version_words
from yutang.content import queries as library
from yutang.content.views import ContentView, VersionView

#: Contents that a form offers.
_MOST = 100


def content_choices(
    request: StaffRequest, *, chosen: str, channels: Collection[str], intents: Collection[str]
) -> list[tuple[str, str]]:
    """Return references and titles of contents that hold and fit a channel and an intent, a hundred at most of each intent.

    Those in the reader's language come first, of these the newest.

    Intent and language stand beside the title. What is chosen stays to be seen, also where it no longer fits.

    Args:
        request: of who chooses.
        chosen: reference that is chosen now; empty: none.
        channels: by one of them a content must go.
        intents: one of them it must have.
    """
    rows: list[ContentView] = []
    language = get_language() or ""
    if request.actor.can("content.view"):
        for intent in intents:
            filters = library.ContentFilters(state="approved", intent=intent)
            page = contents_first_in(request, filters, most=_MOST)
            rows += [row for row in page if set(row.version.written.channels) & set(channels)]
    rows.sort(key=lambda row: row.version.written.language != language)
    found = {row.version.reference: _title(row.version) for row in rows}
    if chosen and chosen not in found:
        return [(chosen, _known_title(request, chosen)), *found.items()]
    return list(found.items())


def contents_first_in(request: StaffRequest, filters: library.ContentFilters, *, most: int) -> tuple[ContentView, ...]:
    """Return contents as the filters narrow them, those in the reader's language first, of these the newest."""
    first = get_language() or ""
    return library.library(access=request.actor, filters=filters, first=first, limit=most, now=request.now).rows


def _title(version: VersionView) -> str:
    told = version_words(version)
    return f"{version.written.title} · {told['intent']} · {told['language']}"


def _known_title(request: StaffRequest, chosen: str) -> str:
    """Return the title of a content that is not offered, with its reference; the reference alone of one that there is not."""
    number = chosen.partition(":")[2].partition(":")[0]
    if number.isascii() and number.isdecimal() and len(number) < 17 and request.actor.can("content.view"):
        row = library.contents(access=request.actor, content_ids=[int(number)], now=request.now).get(int(number))
        if row is not None:
            return _("%(title)s (%(reference)s, not offered here)") % {
                "title": _title(row.version),
                "reference": chosen,
            }
    return _("%(reference)s (not known)") % {"reference": chosen}
