"""The fleet of groups: all of them on one wall, what needs a human today, the list with its filters, and the owners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yutang.communities import queries
from yutang.communities.queries import EVERY_GROUP, CommunityView, Filters
from yutang.communities.views import Fleet, FleetDay
from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import communities_words as words
from yutang.console.rooms.asked import number_asked
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.foundation.queries import stores

_TODAY, _PAGE, _IN_A_SHEET = 12, 50, 500
_COURSE_DAYS = 90


@room("communities.view")
def fleet(request: StaffRequest) -> HttpResponse:
    """Show all groups at a glance and what needs a human today."""
    filters = words.filters_asked(request)
    found = queries.fleet(access=request.actor, filters=filters)
    needing = queries.communities(access=request.actor, filters=replace(filters, is_needing=True), limit=_TODAY)
    days = queries.fleet_days(access=request.actor, days=_COURSE_DAYS, owner_id=filters.owner_id)
    total = sum(found.counts.values())
    context = {
        **_choices(request, filters),
        "tiles": _tiles(found, total),
        "wall": _wall(found, request) if total else None,
        "wall_words": _counts_words(found),
        "counts": [(life, title, tone, found.counts[life]) for life, title, tone in words.lives()],
        "rows": words.rows(needing),
        "needing": found.needing,
        "rest": found.needing - len(needing),
        "by_one_post": [{"one": one, "words": words.by_one_post(one)} for one in found.by_one_post],
        "course": _course(days) if len(days) > 1 else None,
        "course_words": _course_words(days),
        "course_title": _course_title(filters),
        "fresh": {"night": _fresh(found)},
        "fresh_words": _fresh(found),
        "total": total,
        "post_count": 0 if filters.is_closed else total,
        "may_post": request.actor.can("channels.send"),
    }
    return render(request, "console/groups/fleet.html", context)


@room("communities.view")
def dot_names(request: StaffRequest) -> HttpResponse:
    """Return what the groups of the wall are called, by position: the wall asks when somebody looks at its dots."""
    names = queries.dot_names(access=request.actor, filters=words.filters_asked(request))
    return JsonResponse({"names": [name or _("Group without a name") for name in names]})


@room("communities.view")
def listed(request: StaffRequest) -> HttpResponseBase:
    """Show groups as a list, the most urgent first, as the filters narrow them."""
    filters = words.filters_asked(request)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, filters))
    after = _after(request.GET.get("after", ""))
    found = queries.communities(access=request.actor, filters=filters, after=after, limit=_PAGE + 1)
    last = found[_PAGE - 1] if len(found) > _PAGE else None
    context = {
        **_choices(request, filters),
        "rows": words.rows(found[:_PAGE]),
        "next": f"{last.urgency!r}:{last.id}" if last else None,
        "later": after is not None,
        "post_count": 0 if filters.is_closed else queries.count_matching(access=request.actor, filters=filters),
        "may_post": request.actor.can("channels.send"),
    }
    return render(request, "console/groups/list.html", context)


@room("communities.view")
def owners(request: StaffRequest) -> HttpResponseBase:
    """Show who looks after how many groups, how these are, and how that changed."""
    found = queries.owners(access=request.actor)
    if sheet_asked(request):
        return sheet_answer(request, _owner_sheet(found))
    rows = [
        {
            "one": one,
            "name": one.owner or _("no owner among the staff"),
            "share": words.share(one.share),
            "change": words.points(None if one.before is None or one.share is None else one.share - one.before),
            "bar": _bar(one.counts, one.groups),
            "bar_words": formats.listed([f"{title} {one.counts[life]}" for life, title, _tone in words.lives()]),
            "line": _line(one.course),
        }
        for one in found
    ]
    return render(request, "console/groups/owners.html", {"rows": rows, "legend": words.lives(), "at": "owners"})


def _course_title(filters: Filters) -> str:
    """Return the heading of the course: days are kept by owner, so that nothing else narrows it."""
    if replace(EVERY_GROUP, owner_id=filters.owner_id) == filters:
        return _("Over the last weeks")
    return (
        _("Over the last weeks, of this owner")
        if filters.owner_id is not None
        else _("Over the last weeks, of all groups")
    )


def _choices(request: StaffRequest, filters: Filters) -> dict[str, Any]:
    return {
        "filters": filters,
        "is_filtered": filters != EVERY_GROUP,
        "lives": words.lives(),
        "stores": stores(access=request.actor),
        "purposes": queries.purposes(access=request.actor),
        "advices": [(code, _(title)) for code, (title, _how) in queries.ADVICE.items()],
    }


def _tiles(found: Fleet, total: int) -> list[dict[str, Any]]:
    share = found.attentive / found.members if found.members else None
    alive = found.counts["alive"]
    asleep = found.counts["dying"] + found.counts["dead"]
    return [
        {
            "metric": "groups_needing",
            "value": formats.number(found.needing),
            "note": _("of %(n)s groups") % {"n": formats.number(total)},
            "lead": True,
        },
        {
            "metric": "groups_alive",
            "value": formats.number(alive),
            "note": words.share(alive / total if total else None),
        },
        {
            "metric": "groups_asleep",
            "value": formats.number(asleep),
            "note": words.share(asleep / total if total else None),
        },
        {
            "metric": "groups_attentive",
            "value": words.share(share),
            "note": _("about %(n)s of %(members)s members")
            % {"n": formats.number(round(found.attentive)), "members": formats.number(found.members)},
        },
    ]


def _wall(found: Fleet, request: StaffRequest) -> dict[str, Any]:
    """Return the dots as small as they travel: keys as steps from the one before."""
    names = [title for _life, title, _tone in words.lives()]
    return {
        "keys": [one.id for one in found.dots],
        "lives": "".join(str(one.life) for one in found.dots),
        "shares": [one.share for one in found.dots],
        "members": [one.members for one in found.dots],
        "names": names,
        "tones": [tone for _life, _title, tone in words.lives()],
        "address": "/groups/%/",
        "names_at": f"{reverse('groups-names')}?{request.GET.urlencode()}",
        "words": {
            "group": _("Group %"),
            "share": _("pay attention"),
            "members": _("Members"),
            "unknown": _("not looked at yet"),
        },
    }


def _counts_words(found: Fleet) -> str:
    told = formats.listed([f"{title} {formats.number(found.counts[life])}" for life, title, _tone in words.lives()])
    return _("Each dot is a group: %(counts)s. The list below and the list of groups say the same in words.") % {
        "counts": told
    }


def _course(days: Sequence[FleetDay]) -> dict[str, Any]:
    return {
        "days": [one.day.isoformat() for one in days],
        "series": [
            {"name": title, "tone": tone, "values": [one.counts[life] for one in days]}
            for life, title, tone in words.lives()
        ],
        "words": {"week": "%"},
    }


def _course_words(days: Sequence[FleetDay]) -> str:
    known = [one for one in days if one.share is not None]
    if len(known) < 2:
        return ""
    first, last = known[0], known[-1]
    return _("On %(first)s %(before)s of the members paid attention, on %(last)s %(now)s.") % {
        "first": formats.day(first.day),
        "before": words.share(first.share),
        "last": formats.day(last.day),
        "now": words.share(last.share),
    }


def _fresh(found: Fleet) -> str:
    if found.judged_on is None:
        return _("The groups are looked at for the first time tonight.")
    return _("As of the end of %(day)s.") % {"day": formats.day(found.judged_on)}


def _bar(counts: Any, total: int) -> list[dict[str, str]]:
    parts, left = [], 0.0
    for life, _title, tone in words.lives():
        part = 100 * counts[life] / total if total else 0.0
        if part:
            parts.append({"tone": tone, "left": f"{left:.3f}", "share": f"{part:.3f}"})
        left += part
    return parts


def _line(course: Sequence[float]) -> str:
    """Return the course of a share as points of a line of 100 x 24."""
    if len(course) < 2:
        return ""
    step = 100 / (len(course) - 1)
    return " ".join(f"{n * step:.1f},{24 - 24 * value:.1f}" for n, value in enumerate(course))


def _after(text: str) -> tuple[float, int] | None:
    urgency, _colon, key = text.partition(":")
    number = number_asked(key)
    try:
        return None if number is None else (float(urgency), number)
    except ValueError:
        return None


def _sheet(request: StaffRequest, filters: Filters) -> Sheet:
    titles = [
        _("Number"), _("Name"), _("Store"), pgettext("of a customer group", "Owner"),
        _("Purpose"), _("Members"), _("Places"), _("How alive"), _("Since"),
        _("Pay attention"), _("at least"), _("at most"), _("In two weeks"), _("To do"), _("Looked at"),
    ]  # fmt: skip
    return Sheet(_("Groups"), titles, _lines(request, filters))


def _lines(request: StaffRequest, filters: Filters) -> Iterator[list[Any]]:
    after: tuple[float, int] | None = None
    while True:
        found = queries.communities(access=request.actor, filters=filters, after=after, limit=_IN_A_SHEET)
        yield from (_sheet_line(one) for one in found)
        if len(found) < _IN_A_SHEET:
            return
        after = (found[-1].urgency, found[-1].id)


def _sheet_line(one: CommunityView) -> list[Any]:
    advice = queries.ADVICE.get(one.advice)
    shares = [None if value is None else round(value, 3) for value in (one.share, one.low, one.high, one.ahead)]
    return [
        one.id, one.name, one.store, one.owner, one.purpose, one.members, one.capacity, _(queries.LIFE_TITLES[one.life]),
        one.life_since, *shares, _(advice[0]) if advice else "", one.judged_on,
    ]  # fmt: skip


def _owner_sheet(found: Sequence[Any]) -> Sheet:
    titles = [
        pgettext("of a customer group", "Owner"),
        _("Groups"),
        _("Members"),
        *(title for _life, title, _tone in words.lives()),
        _("To do"),
    ]
    titles += [_("Pay attention"), _("Four weeks ago")]
    lines = (
        [
            one.owner, one.groups, one.members, *(one.counts[life] for life in queries.LIVES), one.needing,
            None if one.share is None else round(one.share, 3), None if one.before is None else round(one.before, 3),
        ]
        for one in found
    )  # fmt: skip
    return Sheet(_("Owners of groups"), titles, lines)
