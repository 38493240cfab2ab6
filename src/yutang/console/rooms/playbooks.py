"""The room of playbooks: which there are, how each does, what one would do to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import playbooks_words as words
from yutang.console.rooms.asked import number_asked
from yutang.console.rooms.playbooks_graph import Graph, graph_of
from yutang.console.rooms.playbooks_results import brought
from yutang.console.sentences import spoken, spoken_name
from yutang.console.sheets import Sheet, sheet_answer, sheet_asked
from yutang.customers import queries as people
from yutang.journeys import actions, queries
from yutang.kit.errors import DomainError
from yutang.kit.text import N_
from yutang.segments.queries import FiguresAreNotReady

#: People whom a day of the calendar names.
_NAMED = 12
_SAID = {
    "now": (N_("Goes out"), "accent"),
    "at": (N_("Later"), "info"),
    "replace": (N_("Something useful instead"), "warn"),
    "refuse": (N_("Refused"), "down"),
    "task": (N_("Task for a human"), "plum"),
    "post": (N_("Post to the group"), "info"),
}
_SWITCHES = {
    "start": (actions.start_playbook, N_("The playbook has begun to run.")),
    "pause": (actions.pause_playbook, N_("The playbook is paused: nobody comes in and nobody moves on.")),
    "resume": (actions.resume_playbook, N_("The playbook runs on.")),
    "stop": (actions.stop_playbook, N_("The playbook is stopped, and nobody is in it any more.")),
}


@room("journeys.view")
def playbooks(request: StaffRequest) -> HttpResponseBase:
    """Show all playbooks, and the ready ones that can be taken."""
    found = queries.playbooks(access=request.actor)
    if sheet_asked(request):
        return sheet_answer(request, _sheet(found))
    said = words.Words(request.actor)
    taken = {one.ready for one in found}
    ready = queries.ready_playbooks(language=get_language() or "zh-hans")
    context = {
        "rows": [_row(one, said) for one in found],
        "ready": [{"one": one, "taken": one.key in taken} for one in ready],
        "inside": sum(one.counts.inside for one in found),
    }
    return render(request, "console/playbooks/list.html", context)


@room("journeys.change")
@require_POST
def new(request: StaffRequest) -> HttpResponse:
    """Take a ready playbook as a draft, or begin an empty one."""
    ready, name = request.POST.get("ready", ""), request.POST.get("name", "").strip()
    language = get_language() or "zh-hans"
    try:
        if ready:
            key = actions.adopt_playbook(
                actor=request.actor, ready=ready, language=language, name=name, now=request.now
            )
        else:
            key = actions.create_playbook(actor=request.actor, name=name, definition=_empty(), now=request.now)
    except DomainError as refusal:
        messages.error(request, spoken(refusal.sentence))
        return redirect("playbooks")
    messages.success(request, _("The playbook is a draft. Look at its steps, try it on real people, then start it."))
    return redirect("playbooks-one" if ready else "playbooks-edit", key)


@room("journeys.view")
def one(request: StaffRequest, playbook_id: int) -> HttpResponse:
    """Show a playbook: its steps as a list and as a graph, who stands where, what became of each step, its versions.

    A version that the address names is shown as it was, without what became of it.
    """
    view = queries.playbook(access=request.actor, playbook_id=playbook_id)
    versions = queries.versions_of(access=request.actor, playbook_id=playbook_id)
    asked = number_asked(request.GET.get("version", ""))
    looked_at = next((each for each in versions if each.number == asked and each.id != view.version_id), None)
    definition = queries.definition_read(looked_at.definition if looked_at else view.definition or view.draft)
    said = words.Words(request.actor, subject=definition.subject)
    context = {
        **_row(view, said),
        **told_of(definition, said),
        "looked_at": looked_at,
        "versions": versions,
        "is_about_groups": definition.is_about_groups,
        **(_as_it_was(definition, said) if looked_at else _as_it_runs(request, view, definition, said)),
    }
    return render(request, "console/playbooks/one.html", context)


@room("journeys.view", "customers.view")
def rehearse(request: StaffRequest, playbook_id: int) -> HttpResponse:
    """Show what a playbook would do to whom in the coming weeks; nothing is written."""
    view = queries.playbook(access=request.actor, playbook_id=playbook_id)
    context: dict[str, Any] = {"view": view}
    try:
        found = queries.dry_run(access=request.actor, playbook_id=playbook_id, now=request.now)
    except FiguresAreNotReady as refusal:
        return render(request, "console/playbooks/try.html", {**context, "not_ready": spoken(refusal.sentence)})
    draft = queries.definition_read(view.draft)
    titles = {step.id: words.step_title(step) for step in draft.steps}
    words_asked = words.Words(request.actor, subject=draft.subject)
    days = sorted({each.day for each in found.foreseen})
    chosen = _day_asked(request.GET.get("day", ""), days)
    context |= {
        "found": found,
        "is_about_groups": draft.is_about_groups,
        "basis": _(queries.BASES[found.basis]),
        "getting": found.people - found.held,
        "left": [(words_asked.left(each), each.count) for each in found.left] if len(found.left) > 1 else [],
        "nobody_at": words_asked.left(found.nobody_at) if found.nobody_at else "",
        "picture": _picture(found, days),
        "picture_words": _picture_words(found, days),
        "calendar": _calendar(found, titles),
        "reasons": _reasons(found),
        "unsendable": [
            f"{words.place_title(draft, place.partition('.')[0])}：{spoken(sentence)}"
            for place, sentence in queries.without_template(draft)
        ],
        "chosen": chosen,
        "behind": (_groups_behind if draft.is_about_groups else _behind)(request, found, chosen, titles),
    }
    return render(request, "console/playbooks/try.html", context)


@room("journeys.run")
@require_POST
def switch(request: StaffRequest, playbook_id: int) -> HttpResponse:
    """Start, pause, resume or stop a playbook."""
    action, done = _SWITCHES.get(request.POST.get("to", ""), _SWITCHES["pause"])
    try:
        action(actor=request.actor, playbook_id=playbook_id, now=request.now)
        messages.success(request, _(done))
    except actions.NoSuchPlaybook:
        raise
    except DomainError as refusal:
        draft = queries.playbook(access=request.actor, playbook_id=playbook_id).draft
        messages.error(request, words.refusal_words(refusal, draft))
    return redirect("playbooks-one", playbook_id)


@room("journeys.run")
@require_POST
def migrate(request: StaffRequest, playbook_id: int) -> HttpResponse:
    """Bring people from older versions onto the current one."""
    steps = {name[3:]: request.POST.get(name, "") for name in request.POST if name.startswith("to-")}
    try:
        n = actions.migrate_people(actor=request.actor, playbook_id=playbook_id, steps=steps, now=request.now)
        told = ngettext("%(n)s person was brought over.", "%(n)s people were brought over.", n)
        messages.success(request, told % {"n": formats.number(n)})
    except actions.NoSuchPlaybook:
        raise
    except DomainError as refusal:
        messages.error(request, spoken(refusal.sentence))
    return redirect("playbooks-one", playbook_id)


@room("journeys.change")
@require_POST
def delete(request: StaffRequest, playbook_id: int) -> HttpResponse:
    """Delete a playbook in which nobody has ever been."""
    try:
        actions.delete_playbook(actor=request.actor, playbook_id=playbook_id, now=request.now)
    except actions.PlaybookIsInUse as refusal:
        messages.error(request, spoken(refusal.sentence))
        return redirect("playbooks-one", playbook_id)
    messages.success(request, _("The playbook was deleted."))
    return redirect("playbooks")


def told_of(definition: queries.Definition, said: words.Words) -> dict[str, Any]:
    """Return who comes into a playbook, who leaves it, and how many are held out, in words."""
    return {
        "trigger": said.trigger(definition),
        "audience": said.rule(definition.audience) if definition.audience else "",
        "goal": definition.goal is not None,
        "exits": [said.rule(each.rule) if each.kind == "rule" else _("an open complaint") for each in definition.exits],
        "reentry": definition.reentry.days,
        "holdout": definition.holdout_percent,
    }


def graph_shown(definition: queries.Definition, said: words.Words, *, places: Mapping[str, int] | None = None) -> Graph:
    """Return the steps of a playbook as a graph, with who stands where."""
    return graph_of(
        definition,
        title_of=lambda step_id: words.step_title(definition.step(step_id)),
        words_of=lambda step_id, field: said.way(definition, step_id, field),
        people=places,
    )


def _as_it_was(definition: queries.Definition, said: words.Words) -> dict[str, Any]:
    return {"steps": steps_shown(definition, said), "graph": graph_shown(definition, said)}


def _as_it_runs(
    request: StaffRequest, view: queries.PlaybookView, definition: queries.Definition, said: words.Words
) -> dict[str, Any]:
    """Return who stands where, what became of each step, and what cannot go out."""
    places = queries.places_of(access=request.actor, playbook_id=view.id)
    outcomes = queries.outcomes_of(access=request.actor, playbook_id=view.id)
    return {
        "steps": steps_shown(definition, said, places=places, outcomes=outcomes),
        "graph": graph_shown(definition, said, places=places),
        "endings": [(_(words.ENDINGS[code]), n) for code, n in sorted(view.counts.ended.items())],
        "older": _older(request, view, places, definition),
        "failing": _failing(request, view),
        **(brought(request, view, definition) if view.counts.entered or view.counts.held else {}),
    }


def _failing(request: StaffRequest, view: queries.PlaybookView) -> str:
    """Return the steps of versions that people are on whose short messages no gateway takes; empty where there are none."""
    if view.state not in {"running", "paused"}:
        return ""
    titles: dict[str, None] = {}
    for each in queries.versions_of(access=request.actor, playbook_id=view.id):
        if each.inside or each.id == view.version_id:
            read = queries.definition_read(each.definition)
            places = [place.partition(".")[0] for place, _sentence in queries.without_template(read)]
            titles |= dict.fromkeys(words.place_title(read, step_id) for step_id in places)
    return formats.listed(list(titles))


def steps_shown(
    definition: queries.Definition,
    said: words.Words,
    *,
    places: Mapping[str, int] | None = None,
    outcomes: Mapping[str, Mapping[tuple[str, str], int]] | None = None,
) -> list[dict[str, Any]]:
    """Return the steps of a playbook as a template lists them: in words, with where their ways lead and what became of them."""
    titles = {step.id: words.step_title(step) for step in definition.steps}
    lost, wrong = set(queries.unreached(definition)), set(queries.misplaced(definition))
    shown = []
    for n, step in enumerate(definition.steps):
        following = definition.steps[n + 1].id if n + 1 < len(definition.steps) else ""
        ways = []
        for field, named in step.targets():
            to = definition.target(step.id, named)
            label = said.way(definition, step.id, field)
            same = field == "if_refused" and named == getattr(step, "then", "next")
            if not same and (to != following or label):
                ways.append((label, titles[to] if to else _("the end")))
        shown.append(
            {
                "id": step.id,
                "place": n + 1,
                "kind": step.do,
                "icon": words.STEP_ICONS[step.do],
                "title": titles[step.id],
                "kind_title": _(queries.STEP_TITLES[step.do]) if step.title else "",
                "words": said.step(step),
                "text": getattr(step, "words", "") if step.do in {"message", "post", "join_group"} else "",
                "ways": ways,
                "is_lost": step.id in lost,
                "is_wrong": step.id in wrong,
                "people": (places or {}).get(step.id, 0),
                "became": _became((outcomes or {}).get(step.id, {}), step, said, definition),
            }
        )
    return shown


def _became(
    counts: Mapping[tuple[str, str], int], step: Any, said: words.Words, definition: queries.Definition
) -> list[tuple[str, int]]:
    """Return what became of a step in words, the most frequent first."""
    told: Counter[str] = Counter()
    for (outcome, reason), n in counts.items():
        label = _(words.OUTCOMES[outcome])
        if outcome == "way":
            field = f"ways[{reason}].then" if reason.isdecimal() else "otherwise"
            known = reason == "otherwise" or int(reason) < len(getattr(step, "ways", ()))
            label = said.way(definition, step.id, field) if known and step.do in {"branch", "split"} else label
        why = words.reason_title(outcome, reason)
        told[f"{label}: {why}" if why else label] += n
    return told.most_common(4)


def _row(view: queries.PlaybookView, said: words.Words) -> dict[str, Any]:
    label, tone = words.STATES[view.state]
    definition = queries.definition_read(view.definition or view.draft)
    told = {"when": said.trigger(definition), "about": definition.about, "is_about_groups": definition.is_about_groups}
    return {"view": view, "state": _(label), "tone": tone, **told}


def _older(
    request: StaffRequest, view: queries.PlaybookView, places: Mapping[str, int], definition: queries.Definition
) -> dict[str, Any] | None:
    """Return what is asked before people of older versions are brought over; None where nobody is on one."""
    versions = queries.versions_of(access=request.actor, playbook_id=view.id)
    behind = sum(one.inside for one in versions if one.id != view.version_id)
    if not behind:
        return None
    ids = [(step.id, words.step_title(step)) for step in definition.steps]
    known = {step_id for step_id, _title in ids}
    return {"people": behind, "steps": [step for step in places if step not in known], "choices": ids}


def _name(person: Any) -> str:
    return spoken_name(person.name)


def _sheet(found: tuple[queries.PlaybookView, ...]) -> Sheet:
    titles = [_("Number"), _("Name"), _("State"), _("Version"), _("In it now"), _("Held out"), _("Reached the goal")]
    lines = (
        [
            one.id,
            one.name,
            _(words.STATES[one.state][0]),
            one.version,
            one.counts.inside,
            one.counts.held,
            one.counts.ended.get("goal", 0),
        ]
        for one in found
    )
    return Sheet(_("Playbooks"), titles, lines)


def _empty() -> dict[str, Any]:
    return {
        "format": 1,
        "trigger": {"kind": "hand"},
        "exits": [{"kind": "complaint"}],
        "steps": [{"id": "step_1", "do": "wait", "days": 1}],
    }


def _day_asked(written: str, days: list[date]) -> date | None:
    return next((day for day in days if day.isoformat() == written), days[0] if days else None)


def _picture(found: queries.DryRun, days: list[date]) -> dict[str, Any] | None:
    if not days:
        return None
    counts = Counter((one.day, one.outcome) for one in found.foreseen)
    outcomes = [code for code in _SAID if any(outcome == code for _day, outcome in counts)]
    return {
        "days": [day.isoformat() for day in days],
        "series": [
            {"name": _(_SAID[code][0]), "tone": _SAID[code][1], "values": [counts[day, code] for day in days]}
            for code in outcomes
        ],
        "words": {"week": "%"},
    }


def _picture_words(found: queries.DryRun, days: list[date]) -> str:
    if not days:
        return ""
    sent = sum(one.outcome in {"now", "at", "replace"} for one in found.foreseen)
    told = {"n": formats.number(sent), "first": formats.day(days[0]), "last": formats.day(days[-1])}
    return _("%(n)s messages would go out from %(first)s to %(last)s.") % told


def _calendar(found: queries.DryRun, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    counts = Counter((one.day, one.step, one.outcome) for one in found.foreseen)
    rows: dict[tuple[date, str], list[tuple[str, str, int]]] = {}
    for (day, step, outcome), n in sorted(counts.items()):
        label, tone = _SAID[outcome]
        rows.setdefault((day, step), []).append((_(label), tone, n))
    return [
        {"day": day, "iso": day.isoformat(), "step": titles[step], "said": said} for (day, step), said in rows.items()
    ]


def _reasons(found: queries.DryRun) -> list[tuple[str, int]]:
    held = Counter(one.reason for one in found.foreseen if one.outcome in {"at", "replace", "refuse"})
    return [(words.reason_title("refused", reason), n) for reason, n in held.most_common(6)]


def _behind(
    request: StaffRequest, found: queries.DryRun, day: date | None, titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the people of a day; who is out of reach is left out."""
    of_day = [one for one in found.foreseen if one.day == day and one.customer_id][:_NAMED]
    known = people.customer_rows(access=request.actor, ids=[one.customer_id for one in of_day])
    return [
        {
            "person": known[one.customer_id],
            "name": _name(known[one.customer_id]),
            **_foreseen_shown(one, titles),
        }
        for one in of_day
        if one.customer_id in known
    ]


def _groups_behind(
    request: StaffRequest, found: queries.DryRun, day: date | None, titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the groups of a day by name; who is out of reach is left out, and to who may not see groups all are."""
    if not request.actor.can("channels.view"):
        return []
    known = queries.group_names(access=request.actor)
    of_day = [one for one in found.foreseen if one.day == day and one.group_key in known][:_NAMED]
    return [{"name": known[one.group_key] or one.group_key, **_foreseen_shown(one, titles)} for one in of_day]


def _foreseen_shown(one: Any, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "at": one.at,
        "step": titles[one.step],
        "said": _(_SAID[one.outcome][0]),
        "tone": _SAID[one.outcome][1],
        "why": words.reason_title("refused", one.reason) if one.reason not in {"", "free"} else "",
    }
