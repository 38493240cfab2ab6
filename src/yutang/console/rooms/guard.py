"""The room of the guard: what came, what was stopped, what that saved, what was stopped wrongly, and what comes right now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import guard_words as said
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.risk import queries, words
from yutang.risk.scores import PARTS
from yutang.risk.views import DecisionFilters, Panel, ReasonCount, StandingView

_DAYS, _LATEST, _MOST_PEOPLE = 30, 10, 5_000


@room("guard.view")
def panel(request: StaffRequest) -> HttpResponse:
    """Show the last 30 days and what comes right now."""
    found = queries.panel(access=request.actor, since=_since(request))
    context = {
        "tiles": _tiles(found),
        "picture": _picture(found) if found.came else None,
        "picture_words": _picture_words(found),
        "account": _account(found),
        "reasons": [_reason(one) for one in found.reasons],
        "kinds": [(_(words.KIND_TITLES[kind]), came, stopped) for kind, came, stopped in found.kinds],
        "fates": [(_(words.OUTCOME_TITLES[code]), n) for code, n in found.outcomes.items()],
        "came": found.came,
        **_live(request),
    }
    return render(request, "console/guard/panel.html", context)


@room("guard.view")
def live(request: StaffRequest) -> HttpResponse:
    """Answer with what comes right now, for the page to look again every few seconds."""
    return render(request, "console/guard/live.html", _live(request))


@room("guard.view", "customers.view")
def lowest(request: StaffRequest) -> HttpResponseBase:
    """Show people by their security score, the lowest first."""
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request))
    after = _after(request.GET.get("after", ""))
    found, following = queries.lowest_scores(access=request.actor, after=after)
    names = people.customer_rows(access=request.actor, ids=[one.customer_id for one in found])
    context = {
        "rows": [
            _person(one, spoken_name(names[one.customer_id].name) if one.customer_id in names else "") for one in found
        ],
        "next": f"{following[0]}-{following[1]}" if following else "",
        "may_take": request.actor.can("segments.export"),
    }
    return render(request, "console/guard/people.html", context)


def score_parts(view: StandingView) -> list[tuple[str, int]]:
    """Return the parts of a score as (title, points), in their order."""
    return [(_(title), view.parts[name]) for name, title in PARTS.items() if view.parts.get(name)]


def _since(request: StaffRequest) -> Any:
    today = timezone.localtime(request.now).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=_DAYS - 1)


def _live(request: StaffRequest) -> dict[str, Any]:
    page = queries.decisions(access=request.actor, filters=DecisionFilters(), limit=_LATEST)
    waiting, appealed = queries.waiting_counts(access=request.actor)
    return {"rows": said.rows(request, page.rows), "waiting": waiting, "appealed": appealed}


def _tiles(found: Panel) -> list[dict[str, Any]]:
    return [
        {
            "metric": "guard_came",
            "value": formats.number(found.came),
            "note": _("%(n)s were let through at once") % {"n": formats.number(found.allowed)},
            "lead": True,
        },
        {
            "metric": "guard_stopped",
            "value": formats.number(found.stopped),
            "note": _("%(share)s of what came") % {"share": _share(found.stopped, found.came)},
        },
        {
            "metric": "guard_saved",
            "value": formats.compact_money(found.saved_fen, "CNY"),
            "note": _("of the %(n)s that stay stopped") % {"n": formats.number(found.stays)},
        },
        {
            "metric": "guard_wrongly",
            "value": formats.number(found.wrongly),
            "note": _("%(share)s of what was stopped") % {"share": _share(found.wrongly, found.stopped)}
            if found.stopped
            else _("nothing was stopped"),
        },
    ]


def _share(part: int, whole: int) -> str:
    return formats.percent(part / whole, 1) if whole else "—"


def _account(found: Panel) -> list[dict[str, Any]]:
    """Return the account of what came, line by line; lines of the second level add up to the one above them."""
    lines = (
        ("guard_came", _("Asks"), found.came, False),
        ("guard_allowed", _("let through at once"), found.allowed, True),
        ("guard_slowed", _("asked to wait, not asked again"), found.slowed, True),
        ("guard_stopped", _("Stopped by the guard"), found.stopped, True),
        ("guard_stopped", _("Stopped by the guard"), found.stopped, False),
        ("guard_stays", _("stay stopped"), found.stays, True),
        ("guard_undecided", _("wait for a person"), found.undecided, True),
        ("guard_wrongly", _("let through after a look: stopped wrongly"), found.wrongly, True),
    )
    return [
        {"metric": metric, "title": title, "value": formats.number(n), "is_part": is_part}
        for metric, title, n, is_part in lines
    ]


def _reason(one: ReasonCount) -> dict[str, Any]:
    """Return a reason with how often it was the strongest one, and by which numbers."""
    numbers = ""
    if words.has_number(one.code) and one.least is not None and one.most is not None and one.middle is not None:
        told = {
            name: f"{words.told_number(one.code, n)}"
            for name, n in (("least", one.least), ("middle", one.middle), ("most", one.most))
        }
        numbers = (
            _("each time %(least)s") % told
            if one.least == one.most
            else _("%(least)s to %(most)s, median %(middle)s") % told
        )
    return {"title": spoken(words.reason_title(one.code)), "numbers": numbers, "count": one.count}


def _picture(found: Panel) -> dict[str, Any]:
    return {
        "days": [day.day.isoformat() for day in found.days],
        "series": [
            {
                "name": _(words.VERDICT_TITLES[name]),
                "tone": said.TONES[name],
                "values": [getattr(day, name) for day in found.days],
            }
            for name in said.TONES
        ],
        "words": {"week": "%"},
    }


def _picture_words(found: Panel) -> str:
    return _("Of %(came)s asks %(stopped)s were stopped, %(slowed)s slowed down and %(allowed)s let through.") % {
        "came": formats.number(found.came),
        "stopped": formats.number(found.stopped),
        "slowed": formats.number(found.slowed),
        "allowed": formats.number(found.allowed),
    }


def _person(view: StandingView, name: str) -> dict[str, Any]:
    tone = "down" if view.score < 30 else "warn" if view.score < 50 else "accent"
    return {"one": view, "name": name, "tone": tone, "parts": score_parts(view)}


def _after(written: str) -> tuple[int, int] | None:
    score, _dash, key = written.partition("-")
    is_number = score.isdecimal() and key.isdecimal() and len(score) < 4 and len(key) < 19
    return (int(score), int(key)) if is_number else None


def _sheet(request: StaffRequest) -> Sheet:
    titles = [_("Customer"), _("Name"), _("Security score"), *(_(title) for title in PARTS.values())]
    return Sheet(_("Security scores"), titles, _lines(request), of_people=True)


def _lines(request: StaffRequest) -> Iterator[list[Any]]:
    after: tuple[int, int] | None = None
    for _page in range(_MOST_PEOPLE // 200):
        found, after = queries.lowest_scores(access=request.actor, after=after, limit=200)
        names = people.customer_rows(access=request.actor, ids=[one.customer_id for one in found])
        for one in found:
            name = names[one.customer_id].name if one.customer_id in names else ""
            yield [one.customer_id, name, one.score, *(one.parts.get(part, 0) for part in PARTS)]
        if after is None:
            return
