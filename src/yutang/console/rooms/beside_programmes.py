"""What stands beside a programme where staff look after it: its economics, and what the guard answered there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from yutang.console.access import StaffRequest
from yutang.console.rooms import guard_words
from yutang.economics import queries as economics
from yutang.risk import queries as guard
from yutang.risk import words

_SINCE, _LATEST = timedelta(days=30), 5


def economics_of(request: StaffRequest, programme: str) -> dict[str, Any]:
    """Return the number of a programme in the room of economics (None: not for the reader) and whether it is paused there."""
    if not request.actor.can("economics.view") or not economics.is_stated(programme):
        return {"economics": None, "is_paused": economics.is_paused(programme)}
    view = economics.programme_view(access=request.actor, programme=programme)
    return {"economics": view.id, "is_paused": view.is_paused}


def guard_of(request: StaffRequest, programme: str, *, means: Mapping[str, str]) -> dict[str, Any]:
    """Return what the guard answered in a programme, for the card that tells staff of it; nothing for who may not see that.

    Args:
        request: of whom.
        programme: such as ``referral:3``.
        means: by ``slow``, ``review`` and ``refuse``, what such an answer means in this room, marked with `N_`.
    """
    if not request.actor.can("guard.view"):
        return {}
    found = guard.answers_in(access=request.actor, programme=programme, since=request.now - _SINCE, latest=_LATEST)
    counts = (("slow", found.slow), ("review", found.waiting), ("refuse", found.stays))
    answers = [
        {
            "title": _(words.VERDICT_TITLES[verdict]),
            "tone": guard_words.TONES[verdict],
            "count": n,
            "means": _(means[verdict]),
        }
        for verdict, n in counts
        if n
    ]
    return {
        "guard_programme": programme,
        "guard_answers": answers,
        "guard_let_through": found.let_through,
        "guard_rows": guard_words.rows(request, found.latest),
    }
