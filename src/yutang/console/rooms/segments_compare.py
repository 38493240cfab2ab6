"""Two segments or presets side by side: size, overlap, stages, orders, value, tags, and how their sizes went."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.segments import choices_of
from yutang.console.rooms.segments_builder import shown_people
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.console.words import STAGES, stage_label
from yutang.customers import queries as people
from yutang.foundation.replica import reads_reports
from yutang.insight.lake_reading import business_today
from yutang.kit.money import from_minor
from yutang.segments import queries

#: People of each side that a page names.
_NAMED = 10
_SHOWN_TAGS = 12
#: What is chosen until somebody chooses.
_USUAL = {"first": "stage-loyal", "second": "stage-at_risk"}
#: Colours of those only in the first, in both, and only in the second.
_FILLS = ("new", "updated", "quarantined")


@room("segments.view")
@reads_reports
def compare(request: StaffRequest) -> HttpResponseBase:
    """Show the two segments that the address names side by side, or let two be chosen where it names none."""
    views = queries.segments(access=request.actor)
    counts = queries.preset_counts(access=request.actor)
    choices = choices_of(views, counts)
    titles = {code: title for _group, members in choices for code, title in members}
    first, second = request.GET.get("first", ""), request.GET.get("second", "")
    if not (first or second or sheet_asked(request)):
        return render(request, "console/segments/compare_pick.html", {"choices": choices, **_USUAL})
    if first not in titles or second not in titles:
        raise Http404
    found = queries.side_by_side(
        access=request.actor,
        first=_rule_named(request, first),
        second=_rule_named(request, second),
        today=business_today(request.now),
    )
    names = (titles[first], titles[second])
    facts = _facts(found)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found, names, facts))
    total = sum(len(keys) for _code, keys in _parts(found))
    context = {
        "first": first,
        "second": second,
        "titles": names,
        "choices": choices,
        "total": total,
        "known_until": formats.day_before(found.as_of),
        "sides": _sides(request, found, names, total),
        "bar": _bar([len(keys) for _code, keys in _parts(found)]),
        "facts": facts,
        "stages": _stages(found),
        "tags": _tags(found),
        "trend": _trend(request, first, second, names),
    }
    return render(request, "console/segments/compare.html", context)


def _rule_named(request: StaffRequest, name: str) -> Any:
    segment_id = number_asked(name)
    if segment_id is not None:
        return queries.rule_of(access=request.actor, segment_id=segment_id)
    preset = queries.preset_named(name)
    return dict(preset.rule) if preset else None


def _parts(found: queries.SideBySide) -> tuple[tuple[str, Any], ...]:
    sets = found.sets
    return (("only_first", sets.only_first), ("both", sets.both), ("only_second", sets.only_second))


def _sides(
    request: StaffRequest, found: queries.SideBySide, names: tuple[str, str], total: int
) -> list[dict[str, Any]]:
    labels = {"only_first": names[0], "both": _("Both"), "only_second": names[1]}
    return [
        {
            "code": code,
            "label": _("Only “%(name)s”") % {"name": labels[code]} if code != "both" else labels[code],
            "people": len(keys),
            "share": formats.percent(len(keys) / total) if total else "—",
            "sample": shown_people(request, [int(key) for key in keys[:_NAMED]]),
            "fill": fill,
        }
        for fill, (code, keys) in zip(_FILLS, _parts(found), strict=True)
    ]


def _bar(counts: list[int]) -> list[dict[str, Any]]:
    total, left, parts = sum(counts), 0.0, []
    for fill, count in zip(_FILLS, counts, strict=True):
        share = 100 * count / total if total else 0.0
        parts.append({"fill": fill, "left": f"{left:.3f}", "share": f"{share:.3f}"})
        left += share
    return parts


def _facts(found: queries.SideBySide) -> list[dict[str, Any]]:
    """Return a row a fact: its name, what each side has, and how many times as much the first has."""

    def money(value: float | None) -> str:
        return "—" if value is None else formats.whole_money(round(value), found.currency)

    def count(value: float | None) -> str:
        return "—" if value is None else formats.number(round(value, 2))

    def share(value: float | None) -> str:
        return "—" if value is None else formats.percent(value, 0)

    asked: tuple[tuple[str, str, Any], ...] = (
        (_("People"), "people", count),
        (_("With an order"), "buyer_ratio", share),
        (_("Orders a buyer"), "orders_per_buyer", count),
        (_("Order value"), "order_minor", money),
        (_("Spent a buyer"), "spend_per_buyer_minor", money),
        (_("Value of the coming year a person"), "value_per_person_minor", money),
        (_("Spent together"), "spend_minor", money),
        (_("Value of the coming year together"), "value_minor", money),
    )
    rows = []
    for title, name, written in asked:
        one, other = getattr(found.first, name), getattr(found.second, name)
        times = one / other if one is not None and other else None
        rows.append(
            {
                "title": title,
                "first": written(one),
                "second": written(other),
                "plain": [_unwritten(value, name, found.currency) for value in (one, other)],
                "times": "—" if times is None else _("%(n)s×") % {"n": formats.number(round(times, 2))},
            }
        )
    return rows


def _unwritten(value: float | None, name: str, currency: str) -> Any:
    if value is None:
        return None
    if name.endswith("_minor"):
        return from_minor(round(value), currency=currency)
    return round(value, 4)


def _stages(found: queries.SideBySide) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "label": stage_label(code),
            "sides": [_part(side.stages.get(code, 0), side.people) for side in (found.first, found.second)],
        }
        for code in STAGES
        if found.first.stages.get(code) or found.second.stages.get(code)
    ]


def _tags(found: queries.SideBySide) -> list[dict[str, Any]]:
    """Return the tags in which the sides differ most, the largest difference of shares first."""
    names = {tag.id: tag.name for tag in people.tag_choices()}
    rows: list[dict[str, Any]] = [
        {
            "name": names[tag],
            "sides": [_part(side.tags.get(tag, 0), side.people) for side in (found.first, found.second)],
        }
        for tag in {*found.first.tags, *found.second.tags}
        if tag in names
    ]
    rows.sort(key=lambda row: (-abs(row["sides"][0]["ratio"] - row["sides"][1]["ratio"]), row["name"]))
    return rows[:_SHOWN_TAGS]


def _part(people_in_it: int, of: int) -> dict[str, Any]:
    ratio = people_in_it / of if of else 0.0
    return {"people": people_in_it, "ratio": ratio, "share": formats.percent(ratio, 0), "bar": round(100 * ratio)}


def _trend(request: StaffRequest, first: str, second: str, names: tuple[str, str]) -> dict[str, Any] | None:
    """Return how the sizes of two saved segments went, by day; None where one is a preset, which nobody looks at regularly."""
    if not (first.isdecimal() and second.isdecimal()) or first == second:
        return None
    sizes = [
        {
            timezone.localtime(one.taken_at).date().isoformat(): one.size
            for one in queries.sizes_of(access=request.actor, segment_id=int(segment))
        }
        for segment in (first, second)
    ]
    days = sorted({*sizes[0], *sizes[1]})
    if not days:
        return None
    return {"days": days, "series": [[side.get(day) for day in days] for side in sizes], "names": list(names)}


def _sheet(found: queries.SideBySide, names: tuple[str, str], facts: list[dict[str, Any]]) -> Sheet:
    """Return facts as plain numbers, amounts in major units and shares between 0 and 1, and people by stage and tag."""
    lines: list[list[Any]] = [[row["title"], *row["plain"]] for row in facts]
    lines.append([_("Both"), len(found.sets.both), len(found.sets.both)])
    named = (*_stages(found), *_tags(found))
    lines += [[row.get("label") or row["name"], *(side["people"] for side in row["sides"])] for row in named]
    return Sheet(_("Two segments"), ["", *names], lines)
