"""The room of segments: the saved ones, presets, one in full with who came and left, two side by side, export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.exports import csv_answer
from yutang.console.rooms import listed
from yutang.console.rooms.asked import known_before, number_asked
from yutang.console.rooms.customers import row_of
from yutang.console.rooms.rfm import empty_grades_note
from yutang.console.rooms.segments_builder import shown_people
from yutang.console.sentences import spoken
from yutang.console.sheets import sheet_answer, sheet_asked
from yutang.console.words import stage_label
from yutang.customers import queries as people
from yutang.insight import queries as insight
from yutang.insight.lake_reading import business_today
from yutang.insight.rfm import GRADES
from yutang.kit.text import N_, filled
from yutang.segments import actions, queries

#: People of each side that a page names.
_NAMED = 10
_PAGE = 50
EXPORT_REASONS = {
    "call": N_("To call back"),
    "delivery": N_("Delivery or after-sales"),
    "request": N_("The customers asked"),
    "invite": N_("To invite people who agreed to it"),
}


@room("segments.view")
def segments(request: StaffRequest) -> HttpResponseBase:
    """Show the saved segments and the presets."""
    views = queries.segments(access=request.actor)
    if sheet_asked(request):
        return sheet_answer(request, listed.of_segments(views))
    names = queries.names_for(access=request.actor)
    counts = queries.preset_counts(access=request.actor)
    stages = [one for one in counts if one.preset.stage]
    context = {
        "segments": [{"view": view, "words": _words(view.rule, names)} for view in views],
        "choices": choices_of(views, counts),
        "second": "stage-at_risk",
        "stages": [
            {
                "code": one.preset.stage,
                "preset": one.preset.code,
                "label": stage_label(one.preset.stage),
                "people": one.people,
            }
            for one in stages
        ],
        "stages_most": max((one.people for one in stages), default=0),
        "grid": _grid(counts),
        "ties_note": _ties_note(counts),
        "grid_metric": f"preset_{insight.rfm_rules().method}",
        "has_people": any(one.people for one in stages),
    }
    return render(request, "console/segments/list.html", context)


@room("segments.view")
def one(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Show a segment: its rule in words, its people, its size over time, who came and who left."""
    view = queries.segment_view(access=request.actor, segment_id=segment_id)
    sizes = queries.sizes_of(access=request.actor, segment_id=segment_id)
    found = queries.people_of(access=request.actor, rule=view.rule, today=business_today(request.now))
    chosen = request.GET.get("since", "")
    change = queries.change_since(access=request.actor, segment_id=segment_id, snapshot_id=number_asked(chosen))
    context = {
        "view": view,
        "words": _words(view.rule, queries.names_for(access=request.actor), found.currency),
        "people": len(found.people),
        "known_until": formats.day_before(found.as_of),
        "fresh": {"segments": known_before(found.as_of)},
        "tiles": _tiles(view, len(found.people), formats.day_before(found.as_of)),
        "sample": shown_people(request, found.spread(_NAMED)),
        "trend": _trend(sizes),
        "trend_words": filled(
            _("Size over time: %(first)s to %(last)s people."),
            {"first": formats.number(sizes[0].size), "last": formats.number(sizes[-1].size)},
        )
        if sizes
        else "",
        "earlier": [(size.snapshot_id, formats.moment(size.taken_at)) for size in reversed(sizes[:-1])][:60],
        "chosen": number_asked(chosen),
        "change": _change(request, change),
        "reasons": [(code, _(label)) for code, label in EXPORT_REASONS.items()],
    }
    return render(request, "console/segments/one.html", context)


@room("segments.view")
def members(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Show everybody who fits the rule of a segment now, page by page."""
    view = queries.segment_view(access=request.actor, segment_id=segment_id)
    found = queries.people_of(access=request.actor, rule=view.rule, today=business_today(request.now))
    after = request.GET.get("after", "")
    keys = found.after(number_asked(after) or 0, size=_PAGE + 1)
    rows = people.customer_rows(access=request.actor, ids=keys[:_PAGE])
    scores = insight.scores_for(access=request.actor, customer_ids=keys[:_PAGE])
    context = {
        "view": view,
        "people": len(found.people),
        "known_until": formats.day_before(found.as_of),
        "rows": [row_of(rows[key], scores.get(key)) for key in keys[:_PAGE] if key in rows],
        "next": keys[_PAGE - 1] if len(keys) > _PAGE else None,
        "later": bool(after),
        "filtered": True,
    }
    return render(request, "console/segments/members.html", context)


@room("segments.edit")
@require_POST
def delete(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Delete a segment."""
    actions.delete_segment(actor=request.actor, segment_id=segment_id, now=request.now)
    messages.success(request, _("The segment was deleted."))
    return redirect("segments")


@room("segments.export")
@require_POST
def export(request: StaffRequest, segment_id: int) -> StreamingHttpResponse:
    """Send the people of a segment as a table: masked, or in the clear with a reason."""
    rule = queries.rule_of(access=request.actor, segment_id=segment_id)
    if request.POST.get("clear") == "yes":
        reason = f"{request.POST.get('reason', '')} {request.POST.get('note', '')}".strip()
        exported: Any = actions.export_clear(
            actor=request.actor, rule=rule, segment_id=segment_id, reason=reason, now=request.now
        )
    else:
        exported = actions.export_masked(actor=request.actor, rule=rule, segment_id=segment_id, now=request.now)
    name = queries.segment_view(access=request.actor, segment_id=segment_id).name
    answer = csv_answer(exported.rows(spoken), file_name=f"{name}.csv")
    answer["Cache-Control"] = "no-store"
    return answer


def _trend(sizes: tuple[queries.SizeAt, ...]) -> dict[str, Any] | None:
    if not sizes:
        return None
    return {
        "days": [timezone.localtime(size.taken_at).date().isoformat() for size in sizes],
        "values": [size.size for size in sizes],
        "label": _("People"),
    }


def _tiles(view: queries.SegmentView, people: int, known_until: str) -> list[dict[str, str]]:
    looked = _("at the latest look")
    came = f"+{formats.number(view.entered)}" if view.entered else "0"
    left = f"−{formats.number(view.left)}" if view.left else "0"
    known = _("orders known up to %(day)s") % {"day": known_until}
    return [
        {"metric": "segment_people", "value": formats.number(people), "note": known, "news": ""},
        {"metric": "segment_came", "value": came, "note": looked, "news": "up" if view.entered else ""},
        {"metric": "segment_left", "value": left, "note": looked, "news": "down" if view.left else ""},
    ]


def choices_of(
    views: tuple[queries.SegmentView, ...], counts: tuple[queries.PresetCount, ...]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return everything that can be compared in groups, ``(code, title)`` each."""
    groups = [
        (_("Saved segments"), [(str(view.id), view.name) for view in views]),
        (_("Presets"), [(each.preset.code, spoken(each.preset.title)) for each in counts]),
    ]
    return [group for group in groups if group[1]]


def _grid(counts: tuple[queries.PresetCount, ...]) -> list[dict[str, Any]]:
    """Return rows of the grid, the highest recency first."""
    cells = {each.preset.cell: each for each in counts if each.preset.cell}
    most = max((each.people for each in cells.values()), default=0)
    return [
        {
            "r": r,
            "cells": [
                {
                    "f": f,
                    "preset": cells[r, f].preset.code,
                    "people": cells[r, f].people,
                    "level": round(9 * cells[r, f].people / most) if most else 0,
                }
                for f in range(1, 6)
            ],
        }
        for r in range(5, 0, -1)
    ]


def _ties_note(counts: tuple[queries.PresetCount, ...]) -> str:
    """Return why a row or a column of the grid is empty; nothing where none is, or nobody is graded yet."""
    people = {each.preset.cell: each.people for each in counts if each.preset.cell}
    if not any(people.values()):
        return ""
    empty = [f"R{r}" for r in GRADES if not any(people[r, f] for f in GRADES)]
    empty += [f"F{f}" for f in GRADES if not any(people[r, f] for r in GRADES)]
    return empty_grades_note(empty, method=insight.rfm_rules().method)


def _words(rule: Any, names: Any, currency: str | None = None) -> str:
    try:
        return spoken(queries.words_of(rule=rule, names=names, currency=currency))
    except queries.RuleIsWrong as refused:
        # A fact that the rule asks for is no longer declared: the others are shown all the same.
        return spoken(refused.sentence)


def _change(request: StaffRequest, change: queries.Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    sides = (("came", _("Came"), change.entered), ("left", _("Left"), change.left))
    return {
        "since": formats.moment(change.since),
        "sides": [
            {
                "code": code,
                "label": label,
                "count": len(keys),
                "people": shown_people(request, [int(key) for key in keys[:_NAMED]]),
                "more": len(keys) > _NAMED,
            }
            for code, label, keys in sides
        ],
    }
