"""How far people come on a way of steps, with the steps in the address, and who they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

import numpy as np
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import listed
from yutang.console.rooms.asked import Asked, asked_by, number_asked, orders_fresh
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet, may_take_people, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.insight import queries
from yutang.kit.text import N_, filled
from yutang.segments import queries as segments

_PAGE = 50
#: What kinds of events are called that other systems usually send; others are called as they are sent.
_KINDS = {
    "viewed": N_("Viewed a product"),
    "added_to_cart": N_("Added to the cart"),
    "chatted": N_("Chatted"),
    "scanned": N_("Scanned a code"),
    "added": N_("Added staff as a friend"),
    "visited": N_("Visited a store"),
    "bought": N_("Bought (told by another system)"),
    queries.SALE: N_("Bought (paid order)"),
}
#: Ways that are offered: title, steps, window.
_PRESETS = (
    (N_("Viewed → cart → bought"), ("viewed", "added_to_cart", queries.SALE), "7d"),
    (N_("Scanned → added → bought → bought again"), ("scanned", "added", queries.SALE, queries.SALE), "90d"),
    (N_("Visited → bought"), ("visited", queries.SALE), "1d"),
    (N_("Chatted → bought → bought again"), ("chatted", queries.SALE, queries.SALE), "30d"),
)
_WINDOWS = ("30m", "1h", "1d", "3d", "7d", "14d", "30d", "90d")
_BY = {"all": N_("Everybody"), "store": N_("by store"), "channel": N_("by channel")}
#: Fields of the address that a step of the editor fills in, one value a step.
_FIELDS = ("kind", "at", "via")


@dataclass(frozen=True)
class _Way:
    """What the address asks about.

    Attributes:
        asked: days and stores.
        question: for the query.
        within: the window as the address has it.
        segment_id: only the people of this segment; None: everybody.
    """

    asked: Asked
    question: queries.FunnelAsked
    within: str
    segment_id: int | None

    def url(self, name: str = "dashboard-funnel", **more: object) -> str:
        """Return the address of this question, with more in it or other values; None leaves one out."""
        told: dict[str, object] = {
            "steps": _text(self.question.steps),
            "within": self.within,
            "by": None if self.question.by == "all" else self.question.by,
            "segment": self.segment_id,
        }
        return reverse(name) + self.asked.keep(**{**told, "channel": None, **more})


@room("insight.view")
def funnel(request: StaffRequest) -> HttpResponseBase:
    """Show how far people come on the way that the address names."""
    if "kind" in request.GET:
        return _from_editor(request)
    way = _way(request)
    found = queries.funnel(access=request.actor, asked=way.question)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(request, found))
    kinds = queries.funnel_kinds(access=request.actor)
    period = way.question.period
    context = {
        **way.asked.context(),
        "tab": "funnel",
        "fresh": {"orders": orders_fresh(request, way.asked)},
        "subtitle": " · ".join(
            (
                _("%(start)s to %(end)s") % {"start": formats.day(period.start), "end": formats.day(period.last_day)},
                way.asked.store_name,
            )
        ),
        "by": way.question.by,
        "breakdowns": [(code, _(title)) for code, title in _BY.items()],
        "within": way.within,
        "windows": [(one, _length(queries.window_read(one))) for one in dict.fromkeys((*_WINDOWS, way.within))],
        "segments": _segments(request),
        "segment_id": way.segment_id,
        "presets": [
            {"title": _(title), "url": way.url(steps=",".join(steps), within=within), "current": steps == _kinds(way)}
            for title, steps, within in _PRESETS
        ],
        "editor": _editor(way, kinds),
        "add_url": _added(way, kinds),
        "steps_text": _text(way.question.steps),
        "until_text": period.last_day.isoformat(),
        "steps": _bars(request, way, found.stages),
        "whole": _share(found.whole_ratio),
        "lines": [_line(request, way, group) for group in found.groups],
        "step_titles": [_title(way, step) for step in way.question.steps],
        "rest": filled(_("%(n)s more are not shown."), {"n": formats.number(found.other_groups)})
        if found.other_groups
        else "",
        "nobody": not found.people,
        "no_events": not kinds,
    }
    return render(request, "console/dashboard/funnel.html", context)


@room("insight.view", "customers.view")
def funnel_people(request: StaffRequest) -> HttpResponseBase:
    """Show who took a step, or took no further one."""
    way = _way(request)
    steps = way.question.steps
    step = min(max(number_asked(request.GET.get("step", "")) or 1, 1), len(steps))
    side = "stopped" if request.GET.get("side") == "stopped" else "took"
    title = _("Who stopped here?") if side == "stopped" else _("Who came so far?")
    group = request.GET.get("group") if way.question.by != "all" else None
    # Without a group, everybody is listed.
    question = way.question if group is not None else replace(way.question, by="all")

    def page(after: str | None, limit: int) -> queries.FunnelPeople:
        return queries.funnel_people(
            access=request.actor,
            asked=question,
            step=step,
            side=side,  # type: ignore[arg-type]
            group_key=group,
            after=after,
            limit=limit,
        )

    if sheet_asked(request):
        return sheet_answer(request, _people_sheet(request, way, title, page(None, listed.MOST_PEOPLE)))
    found = page(request.GET.get("after"), _PAGE)
    known = people.customer_rows(access=request.actor, ids=list(found.steps))
    context = {
        "heading": title,
        "subtitle": _subtitle(way, steps[step - 1]),
        "summary": filled(_("%(n)s people"), {"n": formats.number(found.count)}),
        "elsewhere": filled(
            _("%(n)s more are customers of other stores, or were deleted since."),
            {"n": formats.number(found.elsewhere)},
        )
        if found.elsewhere
        else "",
        "back": way.url(),
        "rows": [
            {
                "id": key,
                "name": spoken_name(known[key].name),
                "store": known[key].store_name,
                "furthest": _title(way, steps[taken - 1]),
            }
            for key, taken in found.steps.items()
            if key in known
        ],
        "next": found.next_key,
        "later": bool(request.GET.get("after")),
        "may_take": may_take_people(request),
    }
    return render(request, "console/dashboard/funnel_people.html", context)


def _subtitle(way: _Way, step: queries.FunnelStep) -> str:
    period = way.question.period
    days = _("%(start)s to %(end)s") % {"start": formats.day(period.start), "end": formats.day(period.last_day)}
    return " · ".join(filter(None, (_title(way, step), days, way.asked.store_name)))


def _way(request: StaffRequest) -> _Way:
    """Return what the address asks about; what cannot be read is as if it were not there."""
    asked = asked_by(request)
    given = request.GET
    steps = _steps(given.get("steps", "")) or tuple(queries.FunnelStep.read(kind) for kind in _PRESETS[0][1])
    within = given.get("within", "")
    try:
        window = queries.window_read(within)
    except queries.FunnelIsWrong:
        within = next((preset[2] for preset in _PRESETS if preset[1] == tuple(one.kind for one in steps)), "7d")
        window = queries.window_read(within)
    end = (asked.last_day or asked.today) + timedelta(days=1)
    by = given.get("by", "")
    segment_id = number_asked(given.get("segment", ""))
    members = _members(request, asked, segment_id)
    question = queries.FunnelAsked(
        steps=steps,
        within=window,
        period=queries.Period(end - timedelta(days=min(asked.days, queries.LONGEST_PERIOD)), end),
        by=cast("queries.FunnelBy", by if by in _BY else "all"),
        store_ids=None if asked.store_ids is None else tuple(asked.store_ids),
        people=members,
    )
    return _Way(asked, question, within, segment_id if members is not None else None)


def _steps(text: str) -> tuple[queries.FunnelStep, ...]:
    """Return the steps that an address names; none where they are no funnel."""
    try:
        found = tuple(queries.FunnelStep.read(one) for one in text.split(","))
    except queries.FunnelIsWrong:
        return ()
    return found if queries.LEAST_STEPS <= len(found) <= queries.MOST_STEPS else ()


def _members(request: StaffRequest, asked: Asked, segment_id: int | None) -> Any:
    """Return the people of a segment; None where none is chosen that there is."""
    if segment_id is None or segment_id not in dict(_segments(request)):
        return None
    rule = segments.rule_of(access=request.actor, segment_id=segment_id)
    return np.asarray(segments.people_of(access=request.actor, rule=rule, today=asked.today).people, np.int64)


def _segments(request: StaffRequest) -> list[tuple[int, str]]:
    if not request.actor.can("segments.view"):
        return []
    return list(segments.segment_names(access=request.actor).items())


def _from_editor(request: StaffRequest) -> HttpResponseBase:
    """Lead to the address with the steps that the editor holds, each with kind, store and channel."""
    given = request.GET
    lists = [given.getlist(name) for name in _FIELDS]
    steps = []
    for place, kind in enumerate(lists[0][: queries.MOST_STEPS]):
        store, channel = (some[place] if place < len(some) else "" for some in lists[1:])
        try:
            step = queries.FunnelStep.read(kind)
        except queries.FunnelIsWrong:
            continue
        steps.append(replace(step, store_id=number_asked(store), channel=channel[:80] or None))
    kept = {name: value for name, value in given.items() if name not in {*_FIELDS, "steps", "after"} and value}
    return HttpResponseRedirect(f"{reverse('dashboard-funnel')}?{urlencode({**kept, 'steps': _text(steps)})}")


def _text(steps: Sequence[queries.FunnelStep]) -> str:
    return ",".join(step.text for step in steps)


def _kinds(way: _Way) -> tuple[str, ...]:
    """Return the kinds of the steps where none is limited to a store or channel; none otherwise."""
    steps = way.question.steps
    return tuple(one.kind for one in steps) if all(one == queries.FunnelStep(one.kind) for one in steps) else ()


def _editor(way: _Way, kinds: Sequence[queries.KindSeen]) -> list[dict[str, Any]]:
    """Return the steps with their choices, and the addresses that move one or take it away."""
    steps = way.question.steps
    offered = dict.fromkeys((queries.SALE, *(one.kind for one in kinds), *_KINDS, *(one.kind for one in steps)))
    sources = {one.kind: one.sources for one in kinds}
    rows = []
    for place, step in enumerate(steps):
        channels = (
            [(one.key, spoken(one.name)) for one in way.asked.channels]
            if step.kind == queries.SALE
            else [(one, one) for one in sources.get(step.kind, ())]
        )
        if step.channel and step.channel not in dict(channels):
            channels.append((step.channel, step.channel))
        rows.append(
            {
                "number": place + 1,
                "kind": step.kind,
                "kinds": [(kind, kind_title(kind)) for kind in offered],
                "store_id": step.store_id,
                "channel": step.channel,
                "channels": channels,
                "up": way.url(steps=_text(_swapped(steps, place - 1))) if place else "",
                "down": way.url(steps=_text(_swapped(steps, place))) if place + 1 < len(steps) else "",
                "without": way.url(steps=_text((*steps[:place], *steps[place + 1 :])))
                if len(steps) > queries.LEAST_STEPS
                else "",
            }
        )
    return rows


def _swapped(steps: Sequence[queries.FunnelStep], place: int) -> list[queries.FunnelStep]:
    return [*steps[:place], steps[place + 1], steps[place], *steps[place + 2 :]]


def _added(way: _Way, kinds: Sequence[queries.KindSeen]) -> str:
    """Return the address with a further step: what was seen most and is no step yet, else a sale; empty where there is no room."""
    steps = way.question.steps
    if len(steps) >= queries.MOST_STEPS:
        return ""
    taken = {step.kind for step in steps}
    kind = next((one.kind for one in kinds if one.kind not in taken), queries.SALE)
    return way.url(steps=_text((*steps, queries.FunnelStep(kind))))


def kind_title(kind: str) -> str:
    """Return what a kind of step is called."""
    return _(_KINDS[kind]) if kind in _KINDS else kind


def _title(way: _Way, step: queries.FunnelStep) -> str:
    """Return what a step is called, with its store and channel."""
    store = next((one.name for one in way.asked.stores if one.id == step.store_id), "")
    channel = next((spoken(one.name) for one in way.asked.channels if one.key == step.channel), step.channel or "")
    return " · ".join(
        filter(None, (kind_title(step.kind), store or (f"#{step.store_id}" if step.store_id else ""), channel))
    )


def _bars(
    request: StaffRequest, way: _Way, stages: Sequence[queries.FunnelStage], group: str | None = None
) -> list[dict[str, Any]]:
    """Return each step with its count, shares, the time it took and its people."""
    following = (*(stage.people for stage in stages[1:]), None)
    rows = []
    for number, (stage, after) in enumerate(zip(stages, following, strict=True), 1):
        told = {"step": number} if group is None else {"step": number, "group": group}
        may_see = request.actor.can("customers.view") and stage.people
        stopped = None if after is None else stage.people - after
        rows.append(
            {
                "number": number,
                "title": _title(way, stage.step),
                "people": stage.people,
                "width": f"{100 * (stage.first_ratio or 0):.2f}",
                "first": _share(stage.first_ratio),
                "before": _share(stage.before_ratio),
                "wait": _duration(stage.median_seconds),
                "stopped": stopped,
                "url": way.url("dashboard-funnel-people", **told) if may_see else "",
                "stopped_url": way.url("dashboard-funnel-people", **told, side="stopped")
                if may_see and stopped
                else "",
            }
        )
    return rows


def _line(request: StaffRequest, way: _Way, group: queries.FunnelGroup) -> dict[str, Any]:
    return {
        "name": spoken(group.name) or group.key or "",
        "steps": _bars(request, way, group.stages, group.key or ""),
        "whole": _share(group.stages[-1].first_ratio),
    }


def _share(ratio: float | None) -> str:
    return "" if ratio is None else formats.percent(ratio, 1)


def _length(window: timedelta) -> str:
    """Return what a window is called."""
    minutes = window // timedelta(minutes=1)
    if minutes % 1440 == 0:
        return filled(_("%(n)s days"), {"n": formats.number(minutes // 1440)})
    if minutes % 60 == 0:
        return filled(_("%(n)s hours"), {"n": formats.number(minutes // 60)})
    return filled(_("%(n)s minutes"), {"n": formats.number(minutes)})


def _duration(seconds: float | None) -> str:
    """Return a time as people say it: by its largest unit that fits twice, else the next smaller."""
    if seconds is None:
        return ""
    for unit, size in ((N_("%(n)s days"), 86_400), (N_("%(n)s hours"), 3_600), (N_("%(n)s minutes"), 60)):
        if seconds >= 2 * size:
            return filled(_(unit), {"n": formats.number(round(seconds / size))})
    return filled(_("%(n)s seconds"), {"n": formats.number(round(seconds))})


def _sheet(request: StaffRequest, found: queries.Funnel) -> Sheet:
    titles = [_("Group"), "#", _("Step"), _("Store"), _("Channel"), _("People"), _("Of the first step")]
    titles += [_("Of the step before"), _("Half within (seconds)")]
    return Sheet(_("Funnel"), titles, _lines(found))


def _lines(found: queries.Funnel) -> Iterator[list[Any]]:
    groups = [(_("All together"), found.stages), *((spoken(one.name) or one.key, one.stages) for one in found.groups)]
    for name, stages in groups:
        for number, stage in enumerate(stages, 1):
            step = stage.step
            ratios = [None if one is None else f"{one:.4f}" for one in (stage.first_ratio, stage.before_ratio)]
            yield [
                name,
                number,
                kind_title(step.kind),
                step.store_id,
                step.channel,
                stage.people,
                *ratios,
                None if stage.median_seconds is None else round(stage.median_seconds),
            ]


def _people_sheet(request: StaffRequest, way: _Way, title: str, found: queries.FunnelPeople) -> Sheet:
    titles = [_("Number"), _("Name"), _("Store"), _("Came so far")]
    return Sheet(title.rstrip("?？"), titles, _people(request, way, found), of_people=True)


def _people(request: StaffRequest, way: _Way, found: queries.FunnelPeople) -> Iterator[list[Any]]:
    keys = list(found.steps)
    for start in range(0, len(keys), listed.AT_ONCE):
        batch = keys[start : start + listed.AT_ONCE]
        known = people.customer_rows(access=request.actor, ids=batch)
        for key in batch:
            if key in known:
                taken = way.question.steps[found.steps[key] - 1]
                yield [key, spoken_name(known[key].name), known[key].store_name, _title(way, taken)]
    if found.next_key is not None:
        yield [_("Only the first %(n)s people: build a segment to take them all.") % {"n": len(keys)}]
