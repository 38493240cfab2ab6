"""The editor of playbooks: who comes in, the steps one by one, and the whole as JSON for those who want it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yutang.console.access import StaffRequest, room
from yutang.console.rooms import playbooks_forms as forms
from yutang.console.rooms import playbooks_words as words
from yutang.console.rooms.playbooks import graph_shown, steps_shown
from yutang.console.sentences import spoken
from yutang.journeys import actions, queries
from yutang.kit.errors import DomainError

Draft = dict[str, Any]


@room("journeys.view", "journeys.change")
def edit(request: StaffRequest, playbook_id: int) -> HttpResponse:
    """Show the draft of a playbook, and change it by one of the page's forms."""
    view = queries.playbook(access=request.actor, playbook_id=playbook_id)
    if request.method != "POST":
        return _page(request, view)
    draft: Draft = json.loads(json.dumps(view.draft))
    changed = _CHANGES.get(request.POST.get("op", ""), _unchanged)
    try:
        lead_to = changed(request.POST, draft)
        actions.save_draft(
            actor=request.actor,
            playbook_id=playbook_id,
            definition=draft,
            revisions=_revisions(request.POST, view, _PART_OF.get(request.POST.get("op", ""))),
            now=request.now,
        )
        # A name that stands in the form as it was read is not changed, though somebody else may have changed it.
        name = request.POST.get("name", "").strip()
        if request.POST.get("op") == "settings" and name != request.POST.get("named", view.name):
            actions.rename_playbook(actor=request.actor, playbook_id=playbook_id, name=name, now=request.now)
    except actions.PlaybookWasChanged as refusal:
        # Who reads this and saves once more knows what it replaces.
        return _page(request, view, error=spoken(refusal.sentence), typed=draft)
    except DomainError as refusal:
        return _page(request, view, error=spoken(refusal.sentence), written=request.POST.get("json"))
    _saved(request, draft)
    return redirect("playbooks-step", playbook_id, lead_to) if lead_to else redirect("playbooks-edit", playbook_id)


@room("journeys.view", "journeys.change")
def step(request: StaffRequest, playbook_id: int, step_id: str) -> HttpResponse:
    """Show the form of one step, and change the step."""
    view = queries.playbook(access=request.actor, playbook_id=playbook_id)
    draft: Draft = json.loads(json.dumps(view.draft))
    place = next((n for n, one in enumerate(draft["steps"]) if one["id"] == step_id), None)
    if place is None:
        raise Http404
    shown, error, part = draft["steps"][place], "", f"step:{step_id}"
    revision = queries.revision_of(draft, part)
    if request.method == "POST":
        shown = draft["steps"][place] = forms.step_from(request.POST, shown)
        try:
            actions.save_draft(
                actor=request.actor,
                playbook_id=playbook_id,
                definition=draft,
                revisions=_revisions(request.POST, view, part),
                now=request.now,
            )
        except actions.PlaybookWasChanged as refusal:
            error = spoken(refusal.sentence)
        except DomainError as refusal:
            error, revision = spoken(refusal.sentence), request.POST.get("revision", revision)
        else:
            _saved(request, draft)
            return redirect("playbooks-edit", playbook_id)
    subject, do = view.draft.get("subject", "person"), shown["do"]
    choices = forms.Choices(request, view.draft["steps"], but=step_id, subject=subject)
    context = {
        "view": view,
        "step_id": step_id,
        "revision": revision,
        "title": forms.step_name(shown),
        "kind": _(queries.STEP_TITLES[do]),
        "is_split": do == "split",
        "fields": forms.fields_of(shown, choices),
        "ways": forms.ways_of(shown, choices, words.Words(request.actor, subject=subject)),
        "targets": choices.targets,
        "error": error,
        "warnings": [] if error else [line for place, line in _warnings(view) if place == step_id],
    }
    return render(request, "console/playbooks/step.html", context, status=422 if error else 200)


def _revisions(form: QueryDict, view: queries.PlaybookView, part: str | None) -> dict[str, str]:
    """Return of which revision the draft must still be: the part that a form shows as it was shown, the whole as it was just read."""
    read = {"": queries.revision_of(view.draft)}
    shown = form.get("revision", "")
    is_stale = part is not None and shown and shown != queries.revision_of(view.draft, part)
    return {part or "": shown} if is_stale else read


def _saved(request: StaffRequest, draft: Draft) -> None:
    """Say that the draft is kept, and which steps nobody would come to, as the list of steps calls them."""
    messages.success(request, _("Saved as a draft. It holds once the playbook is started anew."))
    definition = queries.definition_read(draft)
    lost = [words.place_title(definition, step_id) for step_id in queries.unreached(definition)]
    if lost:
        told = _("No way leads to: %(steps)s. Lead one there, or move the step, before the playbook is started.")
        messages.warning(request, told % {"steps": ", ".join(lost)})


def _page(
    request: StaffRequest,
    view: queries.PlaybookView,
    *,
    error: str = "",
    written: str | None = None,
    typed: Draft | None = None,
) -> HttpResponse:
    """Show the editor; with what was typed in place of what is kept, where that was refused because it was changed meanwhile."""
    op, kept, name = request.POST.get("op", ""), view, view.name
    if typed is not None and op == "settings":
        view = replace(view, draft={**typed, "steps": view.draft["steps"]})
        name = request.POST.get("name", name)
    if typed is not None and op == "json":
        written = request.POST.get("json")
    definition = queries.definition_read(view.draft)
    said = words.Words(request.actor, subject=definition.subject)
    choices = forms.Choices(request, view.draft["steps"], subject=definition.subject)
    trigger: Mapping[str, Any] = view.draft["trigger"]
    context = {
        "view": kept,
        "name": name,
        "revision": _shown_revision(request, kept, "settings", queries.SETTINGS, is_stale=typed is not None),
        "json_revision": _shown_revision(request, kept, "json", "", is_stale=typed is not None),
        "error": error,
        "warnings": [line for _place, line in _warnings(view)],
        "steps": steps_shown(definition, said),
        "graph": graph_shown(definition, said),
        "subject": definition.subject,
        "subjects": [(code, _(title)) for code, title in words.SUBJECTS.items()],
        "kinds": words.step_kinds(definition.subject),
        "places": [("", _("at the beginning")), *((one["id"], forms.step_name(one)) for one in view.draft["steps"])],
        "triggers": words.trigger_kinds(definition.subject),
        "trigger_kind": trigger["kind"],
        "trigger_fields": forms.trigger_fields(trigger, choices),
        "trigger_words": said.trigger(definition),
        "audience": view.draft.get("audience"),
        "audience_words": said.rule(view.draft["audience"]) if view.draft.get("audience") else "",
        "rules": choices.rules(view.draft.get("audience")),
        "about": view.draft.get("about", ""),
        "reentry": (view.draft.get("reentry") or {}).get("days", ""),
        "holdout": definition.holdout_percent,
        "goal": definition.goal is not None,
        "complaint": any(one.kind == "complaint" for one in definition.exits),
        "json": written if written is not None else json.dumps(view.draft, ensure_ascii=False, indent=2),
    }
    return render(request, "console/playbooks/edit.html", context, status=422 if error else 200)


def _shown_revision(request: StaffRequest, view: queries.PlaybookView, op: str, part: str, *, is_stale: bool) -> str:
    """Return the revision that a form names: what was read when it was opened, until its reader was told of a later one."""
    if request.POST.get("op") == op and not is_stale:
        return request.POST.get("revision", "")
    return queries.revision_of(view.draft, part)


def _warnings(view: queries.PlaybookView) -> list[tuple[str, str]]:
    """Return (step, line) of what cannot go out, and of own words about which whoever writes them decides."""
    titles = {one["id"]: forms.step_name(one) for one in view.draft["steps"]}
    definition = queries.definition_read(view.draft)
    found = [*queries.without_template(definition), *queries.warnings_of(definition)]
    told = [(place.partition(".")[0], spoken(sentence)) for place, sentence in found]
    return [(step_id, f"{titles[step_id]}：{line}") for step_id, line in told]


def _settings(form: QueryDict, draft: Draft) -> str:
    draft["about"] = form.get("about", "").strip()
    if form.get("subject", "person") != draft.get("subject", "person"):
        return _turned(form, draft)
    draft["trigger"] = forms.trigger_from(form, draft["trigger"])
    audience = forms.rule_chosen(form.get("audience", ""), draft.get("audience"))
    draft.pop("audience", None)
    if audience is not None:
        draft["audience"] = audience
    days = form.get("reentry", "").strip()
    draft["reentry"] = {"kind": "after_days", "days": _whole(days)} if days else {"kind": "never"}
    draft["holdout_percent"] = _whole(form.get("holdout", "10").strip())
    draft.pop("goal", None)
    if form.get("goal") == "yes":
        draft["goal"] = {"kind": "order"}
    others = [one for one in draft.get("exits", []) if one["kind"] != "complaint"]
    draft["exits"] = [*others, *([{"kind": "complaint"}] if form.get("complaint") == "yes" else [])]
    return ""


def _turned(form: QueryDict, draft: Draft) -> str:
    """Let a playbook be about groups instead of people, or the other way round: rules and triggers of the others are gone."""
    draft["subject"] = form.get("subject", "person")
    draft["trigger"] = {"kind": "group_found"} if draft["subject"] == "group" else {"kind": "hand"}
    for name in ("audience", "goal"):
        draft.pop(name, None)
    draft["exits"] = []
    return ""


def _add(form: QueryDict, draft: Draft) -> str:
    """Put a step behind another one: it takes over where that one led."""
    steps = draft["steps"]
    subject = draft.get("subject", "person")
    made = forms.new_step(form.get("do", "wait"), [one["id"] for one in steps], subject=subject)
    behind = form.get("behind", "")
    place = next((n for n, one in enumerate(steps) if one["id"] == behind), -1)
    if place >= 0 and "then" in steps[place] and "ways" not in steps[place]:
        made["then"] = steps[place].pop("then")
    steps.insert(place + 1, made)
    return str(made["id"])


def _move(form: QueryDict, draft: Draft) -> str:
    steps = draft["steps"]
    place = _place(form, draft)
    other = place + (-1 if form.get("to") == "up" else 1)
    if 0 <= other < len(steps):
        steps[place], steps[other] = steps[other], steps[place]
    return ""


def _remove(form: QueryDict, draft: Draft) -> str:
    """Take a step out; ways that led to it lead to where it led."""
    place = _place(form, draft)
    gone = draft["steps"].pop(place)
    after = gone.get("then", gone.get("otherwise", "next"))
    if after == "next":
        after = draft["steps"][place]["id"] if place < len(draft["steps"]) else "end"
    for one in draft["steps"]:
        for holder in (one, *one.get("ways", ())):
            for name in ("then", "if_refused", "otherwise"):
                if holder.get(name) == gone["id"]:
                    holder[name] = after
    return ""


def _json(form: QueryDict, draft: Draft) -> str:
    try:
        given = json.loads(form.get("json", ""))
    except (json.JSONDecodeError, RecursionError):
        given = None
    draft.clear()
    draft.update(queries.checked_definition(given))
    return ""


def _unchanged(form: QueryDict, draft: Draft) -> str:
    return ""


def _place(form: QueryDict, draft: Draft) -> int:
    found = next((n for n, one in enumerate(draft["steps"]) if one["id"] == form.get("step", "")), None)
    if found is None:
        raise Http404
    return found


def _whole(written: str) -> Any:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else written


#: The part of the draft that a form of the page shows whole.
_PART_OF: Mapping[str, str] = {"settings": queries.SETTINGS, "json": ""}
_CHANGES: Mapping[str, Callable[[QueryDict, Draft], str]] = {
    "settings": _settings,
    "add": _add,
    "move": _move,
    "remove": _remove,
    "json": _json,
}
