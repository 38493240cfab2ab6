"""The builder of rules: every step goes to the server and comes back as a form, a sentence, a count and a sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import segments_draft as drafts
from yutang.console.rooms.asked import number_asked
from yutang.console.sentences import spoken
from yutang.console.words import stage_label
from yutang.customers import queries as people
from yutang.insight import queries as insight
from yutang.insight.lake_reading import business_today
from yutang.kit.errors import DomainError
from yutang.segments import actions, queries
from yutang.segments.describing import described_fields, described_happenings
from yutang.segments.rules.wording import COMPARISON_TITLES

_SAMPLE = 8
_DEFAULT_CURRENCY = "CNY"


@room("segments.edit")
def new(request: StaffRequest) -> HttpResponse:
    """Show the builder with an empty rule, a preset, or a set made of two segments; save what it sends."""
    if request.method == "POST":
        return _saved(request, None)
    facts = _facts(request)
    name, rule, preset = _begun(request)
    draft = drafts.new_group() if rule is None else drafts.draft_of_rule(rule, facts=facts, currency=_currency())
    return _page(request, draft, facts, name=name, preset=preset, segment_id=None)


@room("segments.edit")
def edit(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Show the builder with a saved rule; save what it sends."""
    if request.method == "POST":
        return _saved(request, segment_id)
    facts = _facts(request)
    view = queries.segment_view(access=request.actor, segment_id=segment_id)
    draft = drafts.draft_of_rule(view.rule, facts=facts, currency=_currency())
    seen = view.changed_at.isoformat()
    return _page(request, draft, facts, name=view.name, preset="", segment_id=segment_id, seen=seen)


@room("segments.edit")
@require_POST
def build(request: StaffRequest) -> HttpResponse:
    """Answer one step of the builder: the form anew, with the preview."""
    facts = _facts(request)
    draft = drafts.draft_of_form(request.POST)
    work = request.POST.get("work", "")
    if work:
        try:
            draft = drafts.changed(draft, work)
        except (KeyError, IndexError, ValueError) as error:
            raise Http404 from error
    context = _tree(request, draft, facts) | _preview(request, draft, facts) | {"with_preview": True}
    context["behind"] = actions.ask_for_refresh(actor=request.actor, now=request.now)
    return render(request, "console/segments/tree.html", context)


@room("segments.edit")
@require_POST
def preview(request: StaffRequest) -> HttpResponse:
    """Answer a changed value: sentence, count and sample."""
    facts = _facts(request)
    draft = drafts.draft_of_form(request.POST)
    return render(request, "console/segments/preview.html", _preview(request, draft, facts))


def shown_people(request: StaffRequest, ids: list[int]) -> list[dict[str, Any]]:
    """Return people as short rows, masked, in the order of the keys."""
    rows = people.customer_rows(access=request.actor, ids=ids)
    scores = insight.scores_for(access=request.actor, customer_ids=ids)
    return [
        {
            "id": key,
            "name": rows[key].name if isinstance(rows[key].name, str) else spoken(rows[key].name),
            "store": rows[key].store_name,
            "stage": scores[key].stage if key in scores else "",
            "stage_label": stage_label(scores[key].stage) if key in scores else "",
            "spend": formats.whole_money(scores[key].spend_minor, scores[key].currency) if key in scores else "—",
            "last": formats.day(scores[key].last_order_date) if key in scores else "—",
        }
        for key in ids
        if key in rows
    ]


def _begun(request: StaffRequest) -> tuple[str, Mapping[str, Any] | None, str]:
    """Return the name, the rule and the preset with which the address begins."""
    preset = queries.preset_named(request.GET.get("preset", ""))
    if preset is not None:
        return spoken(preset.title), preset.rule, preset.code
    first, second = (_rule_node(request, request.GET.get(name, "")) for name in ("first", "second"))
    if first is None or second is None:
        return "", None, ""
    sides = {
        "only_first": {"all": [first, {"not": second}]},
        "both": {"all": [first, second]},
        "only_second": {"all": [second, {"not": first}]},
        "either": {"any": [first, second]},
    }
    side = sides.get(request.GET.get("side", ""), sides["both"])
    return "", queries.checked_rule({"version": 1, "rule": side}), ""


def _rule_node(request: StaffRequest, name: str) -> dict[str, Any] | None:
    """Return what stands for a saved segment or a preset inside a rule; None where the name is neither."""
    segment_id = number_asked(name)
    if segment_id is not None:
        queries.rule_of(access=request.actor, segment_id=segment_id)
        return {"segment": segment_id}
    preset = queries.preset_named(name)
    return None if preset is None else dict(preset.rule["rule"])


def _saved(request: StaffRequest, segment_id: int | None) -> HttpResponse:
    facts = _facts(request)
    draft = drafts.draft_of_form(request.POST)
    reading = drafts.reading_of(draft, facts=facts, currency=_currency())
    name, preset = request.POST.get("name", "").strip(), request.POST.get("preset", "")
    problem, seen = "", request.POST.get("seen", "")
    if reading.rule is None or reading.incomplete:
        problem = _("Something is missing in the marked conditions: fill them in, or take them away.")
    else:
        try:
            key = _keep(request, segment_id, name, reading.rule, preset)
        except actions.SegmentWasChanged as refused:
            # Who reads this and saves again means it.
            problem, seen = spoken(refused.sentence), _changed_at(request, segment_id)
        except DomainError as refused:
            problem = spoken(refused.sentence)
        else:
            messages.success(request, _("The segment is saved. Who comes and who leaves is followed from now on."))
            return redirect("segments-one", key)
    messages.error(request, problem)
    return _page(request, draft, facts, name=name, preset=preset, segment_id=segment_id, seen=seen, marked=True)


def _keep(request: StaffRequest, segment_id: int | None, name: str, rule: dict[str, Any], preset: str) -> int:
    if segment_id is None:
        made_from = queries.preset_named(preset)
        of_preset = made_from is not None and made_from.rule == queries.checked_rule(rule)
        return actions.save_segment(
            actor=request.actor, name=name, rule=rule, preset=preset if of_preset else "", now=request.now
        )
    seen = _instant(request.POST.get("seen", ""))
    actions.change_segment(actor=request.actor, segment_id=segment_id, name=name, rule=rule, seen=seen, now=request.now)
    return segment_id


def _changed_at(request: StaffRequest, segment_id: int | None) -> str:
    if segment_id is None:
        return ""
    return queries.segment_view(access=request.actor, segment_id=segment_id).changed_at.isoformat()


def _instant(written: str) -> datetime | None:
    """Return when the segment that a form was made from had been changed; None where the form does not say."""
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def _page(
    request: StaffRequest,
    draft: drafts.Draft,
    facts: drafts.Facts,
    *,
    name: str,
    preset: str,
    segment_id: int | None,
    seen: str = "",
    marked: bool = False,
) -> HttpResponse:
    context = _tree(request, draft, facts, marked=marked) | _preview(request, draft, facts)
    context |= {
        "name": name,
        "preset": preset,
        "segment_id": segment_id,
        "seen": seen,
        "back": reverse("segments") if segment_id is None else reverse("segments-one", args=[segment_id]),
    }
    return render(request, "console/segments/builder.html", context)


def _currency() -> str:
    run = insight.latest_run()
    return run.currency if run else _DEFAULT_CURRENCY


# What can be asked.


def _facts(request: StaffRequest) -> dict[str, dict[str, Any]]:
    """Return everything that a condition can be about, by ``field:name`` and ``event:name``, with names of keys."""
    names = queries.names_for(access=request.actor)
    facts = {f"field:{one['name']}": _chosen(one, names) for one in described_fields(spoken)}
    for one in described_happenings(spoken):
        one["where"] = [_chosen(each, names) for each in one["where"]]
        one["group"], one["title"] = _("What happened"), capfirst(one["title"])
        facts[f"event:{one['name']}"] = one
    if names["segments"]:
        facts["segment"] = {
            "name": "segment",
            "title": _("Belongs to a saved segment"),
            "group": _("Other segments"),
            "kind": "segment",
            "is": ["in", "not_in"],
            "options": [(str(key), title) for key, title in sorted(names["segments"].items())],
        }
    return facts


def _chosen(fact: dict[str, Any], names: Mapping[str, Mapping[int, str]]) -> dict[str, Any]:
    if "keys_of" in fact:
        return {**fact, "options": [(str(key), title) for key, title in names[fact["keys_of"]].items()]}
    return {**fact, "options": list(fact["choices"].items())} if "choices" in fact else fact


# The form.


def _tree(request: StaffRequest, draft: drafts.Draft, facts: drafts.Facts, *, marked: bool = False) -> dict[str, Any]:
    incomplete = drafts.reading_of(draft, facts=facts, currency=_currency()).incomplete if marked else frozenset()
    return {"root": _group(draft, drafts.ROOT, facts, incomplete), "fact_groups": _fact_groups(facts.items())}


def _fact_groups(facts: Iterable[tuple[str, Mapping[str, Any]]]) -> list[tuple[str, list[tuple[str, str]]]]:
    grouped = groupby(facts, key=lambda one: one[1]["group"])
    return [(group, [(code, fact["title"]) for code, fact in members]) for group, members in grouped]


def _group(draft: drafts.Draft, place: str, facts: drafts.Facts, incomplete: frozenset[str]) -> dict[str, Any]:
    parts = []
    for number, part in enumerate(draft["parts"]):
        inner = f"{place}.{number}"
        shown = _group(part, inner, facts, incomplete) if "join" in part else _condition(part, inner, facts)
        parts.append({**shown, "number": number, "lacks": inner in incomplete})
    joins = {"all": _("all of these hold"), "any": _("at least one holds"), "none": _("none of these holds")}
    return {
        "place": place,
        "is_group": True,
        "join": draft["join"],
        "joins": list(joins.items()),
        "parts": parts,
        "outermost": place == drafts.ROOT,
        "may_nest": place.count(".") < 4,
    }


def _condition(part: drafts.Draft, place: str, facts: drafts.Facts) -> dict[str, Any]:
    fact = facts.get(part["fact"])
    shown: dict[str, Any] = {"place": place, "is_group": False, "fact": part["fact"]}
    if fact is None:
        return shown
    shown |= _test(part, place, fact)
    if fact["kind"] != "event":
        return shown
    money = part["measure"] in fact["money"]
    inner = [(one["name"], one["title"]) for one in fact["where"]]
    by_name = {one["name"]: one for one in fact["where"]}
    anchors = [(one["name"], one["title"]) for one in facts.values() if one["kind"] == "date"]
    return shown | {
        "input": "none" if part["is"] in drafts.BARE else _input("money" if money else "number", part["is"]),
        "measures": None if shown["is"] in drafts.BARE else list(fact["measures"].items()),
        "measure": part["measure"],
        "whens": [(code, _(COMPARISON_TITLES[code])) for code in ("ever", *fact["when"])],
        "when": part["when"],
        "when_input": {"ever": "none", "between": "two_dates", "within_days_of": "days"}.get(
            part["when"], "days" if part["when"] in drafts.DAYS else "date"
        ),
        "when_values": [*part["when_values"], "", ""][:2],
        "anchors": anchors,
        "when_field": part["when_field"],
        "where_options": inner,
        "where": [
            {
                "number": number,
                "place": f"{place}.w{number}",
                "fact": one["fact"],
                **_test(one, place, by_name.get(one["fact"])),
            }
            for number, one in enumerate(part["where"])
        ],
    }


def _test(part: drafts.Draft, place: str, fact: Mapping[str, Any] | None) -> dict[str, Any]:
    if fact is None:
        return {"fact": "", "input": "none"}
    comparison = part["is"] if part["is"] in fact["is"] else fact["is"][0]
    part["is"] = comparison
    return {
        "title": fact["title"],
        "comparisons": [(code, _comparison_title(code, fact["kind"])) for code in fact["is"]],
        "is": comparison,
        "input": "none" if comparison in drafts.BARE else _input(fact["kind"], comparison),
        "values": part["values"],
        "pair": [*part["values"], "", ""][:2],
        "options": fact.get("options", []),
        "unit": fact.get("unit", ""),
    }


def _comparison_title(code: str, kind: str) -> str:
    if kind == "members" and code in {"in", "not_in"}:
        return _("has one of") if code == "in" else _("has none of")
    if kind == "segment":
        return _("belongs to") if code == "in" else _("does not belong to")
    return _(COMPARISON_TITLES[code])


def _input(kind: str, comparison: str) -> str:
    if comparison in drafts.DAYS:
        return "days"
    single = {"choice": "options", "members": "options", "date": "date", "segment": "segment"}.get(kind, kind)
    return f"two_{single}s" if comparison == "between" else single


# The preview.


def _preview(request: StaffRequest, draft: drafts.Draft, facts: drafts.Facts) -> dict[str, Any]:
    reading = drafts.reading_of(draft, facts=facts, currency=_currency())
    context: dict[str, Any] = {"incomplete": len(reading.incomplete), "found": None}
    if reading.rule is None:
        return context
    try:
        found = queries.people_of(access=request.actor, rule=reading.rule, today=business_today(request.now))
    except DomainError as refused:
        return {**context, "problem": spoken(refused.sentence)}
    everybody = people.customer_count(access=request.actor)
    names = queries.names_for(access=request.actor)
    sample = shown_people(request, found.spread(_SAMPLE))
    return context | {
        "found": {
            "people": len(found.people),
            "everybody": everybody,
            "share": formats.percent(len(found.people) / everybody) if everybody else "—",
            "words": spoken(queries.words_of(rule=reading.rule, names=names, currency=found.currency)),
            "known_until": formats.day_before(found.as_of),
            "sample": sample,
        }
    }
