"""What a playbook brought: the effect against who was held out, and what each step did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yutang.console import formats
from yutang.console.access import StaffRequest
from yutang.console.rooms import playbooks_words as words
from yutang.console.rooms.experiments import effect_shown
from yutang.console.sentences import spoken
from yutang.experiments import queries as experiments
from yutang.journeys import queries
from yutang.kit.text import N_

#: What can become of who came to a step, in the order of the bar, with its colour.
_FATES = (
    ("went_on", N_("Went on"), "accent"),
    ("here", N_("Here now"), "info"),
    ("refusals", N_("Refused by the policy"), "down"),
    ("unable", N_("Could not be done"), "warn"),
    ("left", N_("Left before"), "ink3"),
)
_SAYING = ("sent", "delivered", "clicked")


def brought(request: StaffRequest, view: queries.PlaybookView, definition: queries.Definition) -> dict[str, Any]:
    """Return everything that the page shows under “What did it bring?”."""
    results = queries.results_of_steps(access=request.actor, playbook_id=view.id, definition=definition)
    return {
        "effect": _effect(request, view, definition),
        "funnel": _funnel(definition, results),
        "funnel_words": _funnel_words(definition, results),
        "results": [_row(step, results[step.id]) for step in definition.steps],
        "shows_messages": any(one.messages is not None for one in results.values()),
    }


def _effect(request: StaffRequest, view: queries.PlaybookView, definition: queries.Definition) -> dict[str, Any] | None:
    """Return the effect as the room of experiments tells it; None for who may not see it."""
    if not request.actor.can("experiments.view"):
        return None
    if request.actor.store_ids is not None:
        return {"empty": spoken(experiments.EffectsAreOfTheChain().sentence)}
    key = queries.experiment_key(view.id)
    try:
        found = experiments.experiment_view(access=request.actor, key=key)
    except experiments.NoSuchExperiment:
        if not definition.holdout_percent:
            return {
                "empty": _("Nobody is held out, so that nobody can tell what it brings. Hold out ten in a hundred.")
            }
        return {
            "empty": _(
                "Nobody has come in yet. What it brings can be told once some are held out and their days are over."
            )
        }
    result = experiments.latest_result(access=request.actor, key=key)
    if result is None:
        return {
            "key": key,
            "empty": _("What followed is looked at every morning and after each import; it shows here from then on."),
        }
    return {"key": key, **effect_shown(found, result)}


def _funnel(definition: queries.Definition, results: Mapping[str, queries.StepResults]) -> dict[str, Any] | None:
    """Return the values of the chart: a bar for each step, cut by what became of who came."""
    if not any(one.came for one in results.values()):
        return None
    steps = list(definition.steps)
    return {
        "steps": [f"{n}. {words.step_title(step)}" for n, step in enumerate(steps, 1)],
        "series": [
            {"name": _(title), "tone": tone, "values": [getattr(results[step.id], name) for step in steps]}
            for name, title, tone in _FATES
            if any(getattr(results[step.id], name) for step in steps)
        ],
    }


def _funnel_words(definition: queries.Definition, results: Mapping[str, queries.StepResults]) -> str:
    first, last = results[definition.steps[0].id], results[definition.steps[-1].id]
    refused = sum(one.refusals for one in results.values())
    told = {"came": formats.number(first.came), "last": formats.number(last.came), "refused": formats.number(refused)}
    said = _(
        "%(came)s came to the first step and %(last)s to the last one; the contact policy refused %(refused)s messages."
    )
    return said % told


def _row(step: Any, found: queries.StepResults) -> dict[str, Any]:
    said = found.messages
    return {
        "id": step.id,
        "title": words.step_title(step),
        "came": found.came,
        "went_on": found.went_on,
        "refused": found.refusals,
        "reasons": [
            (words.reason_title("refused", reason), n)
            for reason, n in sorted(found.refused.items(), key=lambda one: (-one[1], one[0]))[:3]
        ],
        "cells": [getattr(said, name) for name in _SAYING] if said is not None else [None] * len(_SAYING),
        "more": _more(said),
    }


def _more(said: Any) -> str:
    """Return what is still on its way, or went wrong, in a few words."""
    if said is None:
        return ""
    parts = [
        ngettext("%(n)s waits for its time", "%(n)s wait for their time", said.planned) if said.planned else "",
        ngettext("%(n)s waits for staff", "%(n)s wait for staff", said.waits_for_staff) if said.waits_for_staff else "",
        ngettext("%(n)s stopped at the last moment", "%(n)s stopped at the last moment", said.stopped)
        if said.stopped
        else "",
        ngettext("%(n)s failed", "%(n)s failed", said.failed) if said.failed else "",
    ]
    counts = [said.planned, said.waits_for_staff, said.stopped, said.failed]
    return formats.listed([part % {"n": formats.number(n)} for part, n in zip(parts, counts, strict=True) if part])
