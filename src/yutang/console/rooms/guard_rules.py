"""Rules of the guard: versions, the editor, what they would have said of the last weeks, and which are in force or on trial."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yutang.console import formats
from yutang.console.access import StaffRequest, room
from yutang.console.rooms import guard_words as said
from yutang.console.sentences import spoken
from yutang.kit.errors import DomainError
from yutang.risk import actions, queries, words
from yutang.risk.fact_list import FACTS
from yutang.risk.rules import COMPARISONS
from yutang.risk.views import Trial, VersionView

_TRIED = timedelta(days=30)
_STATE_TONES = {"draft": "plain", "shadow": "info", "active": "accent", "retired": "plain"}
_NUMBERS = ("slow_from", "review_from", "refuse_from", "wait_seconds")
_NEW_CONDITIONS = range(3)


@room("guard.view")
def versions(request: StaffRequest) -> HttpResponse:
    """Show every version of the rules."""
    found = queries.rule_versions(access=request.actor)
    return render(request, "console/guard/versions.html", {"rows": [_row(one) for one in found]})


@room("guard.view")
def version(request: StaffRequest, version: int) -> HttpResponse:
    """Show one version, with what it would have said of the last weeks, or said on trial."""
    view = queries.rule_version(access=request.actor, version=version)
    since = request.now - _TRIED
    if view.state == "shadow":
        tried = queries.trial_report(access=request.actor, version=version, since=since)
    else:
        tried = queries.back_test(access=request.actor, body=view.body, since=since)
    context = {**_row(view), "rules": _rules(view.body), "trial": _trial(tried), "is_live": view.state == "shadow"}
    return render(request, "console/guard/version.html", context)


@room("guard.change", "guard.view")
def edit(request: StaffRequest, version: int) -> HttpResponse:
    """Show the editor of a version, or keep what was written in it as a new one."""
    view = queries.rule_version(access=request.actor, version=version)
    body, error = dict(view.body), ""
    if request.method == "POST":
        body = _written(request.POST, view.body)
        try:
            made = actions.save_rules(
                actor=request.actor, body=body, note=request.POST.get("note", ""), now=request.now
            )
        except DomainError as refusal:
            error = spoken(refusal.sentence)
        else:
            messages.success(request, _("Saved as version %(n)s. It decides nothing yet.") % {"n": made})
            return redirect("guard-version", made)
    context = {
        **_row(view),
        "body": body,
        "rules": _rules(body),
        "error": error,
        "facts": [(fact.name, said.written_title(fact)) for fact in FACTS],
        "comparisons": list(COMPARISONS),
        "verdicts": [(code, _(title)) for code, title in words.RULE_VERDICT_TITLES.items()],
        "new": _NEW_CONDITIONS,
    }
    return render(request, "console/guard/edit.html", context, status=422 if error else 200)


@room("guard.change", "guard.view")
@require_POST
def use(request: StaffRequest, version: int) -> HttpResponse:
    """Put a version in force, on trial, or end its trial."""
    what = request.POST.get("what", "")
    if what == "force":
        actions.put_in_force(actor=request.actor, version=version, now=request.now)
        messages.success(request, _("Version %(n)s decides from now on.") % {"n": version})
    elif what == "trial":
        actions.put_on_trial(actor=request.actor, version=version, now=request.now)
        messages.success(request, _("Version %(n)s is on trial: it says beside, and changes nothing.") % {"n": version})
    elif what == "end":
        actions.end_trial(actor=request.actor, version=version, now=request.now)
        messages.success(request, _("The trial of version %(n)s has ended.") % {"n": version})
    else:
        messages.error(request, _("Choose what is done with the version."))
    return redirect("guard-version", version)


def _row(view: VersionView) -> dict[str, Any]:
    return {
        "view": view,
        "state": _(words.STATE_TITLES[view.state]),
        "tone": _STATE_TONES[view.state],
        "on": sum(rule["is_on"] for rule in view.body["rules"]),
    }


def _rules(body: Any) -> list[dict[str, Any]]:
    """Return rules for the page; what was written wrongly stands there as it was written."""
    shown = []
    for rule in body.get("rules", []):
        conditions = [one for one in rule["when"] if one["fact"] in FACTS]
        whole = all(isinstance(one["value"], int) for one in conditions) and isinstance(rule["points"], int)
        shown.append(
            {
                "rule": rule,
                "title": said.rule_title(rule),
                "name": said.rule_name(rule) if whole else "",
                "conditions": [
                    (one, said.condition(one) if whole else "", said.written_title(FACTS[one["fact"]]))
                    for one in conditions
                ],
            }
        )
    return shown


def _trial(found: Trial) -> dict[str, Any]:
    return {
        "looked_at": found.looked_at,
        "lines": [
            (_("Stopped only by this version"), formats.number(found.newly_stopped)),
            (_("of these, left at once or were refunded"), formats.number(found.stopped_bad)),
            (_("of these, stayed or bought"), formats.number(found.stopped_good)),
            (_("Let through only by this version"), formats.number(found.newly_let)),
            (_("of these, a person had let through"), formats.number(found.let_good)),
            (_("of these, kept stopped by a person, or left at once"), formats.number(found.let_bad)),
            (_("Saved more (less where below 0)"), formats.money(found.saved_fen, "CNY")),
        ],
    }


def _written(posted: QueryDict, body: Any) -> dict[str, Any]:
    """Return the rules as they were written in the editor: numbers, on or off, verdicts; and one more where it was filled in."""
    rules = []
    for rule in body["rules"]:
        code = rule["code"]
        if posted.get(f"drop-{code}"):
            continue
        when = [
            {**one, "value": _number(posted.get(f"{code}-value-{at}", ""), one["value"])}
            for at, one in enumerate(rule["when"])
        ]
        points = _number(posted.get(f"{code}-points", ""), rule["points"])
        verdict = posted.get(f"{code}-verdict", rule["verdict"])
        rules.append(
            {**rule, "when": when, "points": points, "verdict": verdict, "is_on": bool(posted.get(f"{code}-on"))}
        )
    if added := _added(posted):
        rules.append(added)
    return {**{name: _number(posted.get(name, ""), body[name]) for name in _NUMBERS}, "rules": rules}


def _added(posted: QueryDict) -> dict[str, Any] | None:
    code = posted.get("new-code", "").strip()
    if not code:
        return None
    when = [
        {"fact": posted.get(f"new-fact-{at}", ""), "is": posted.get(f"new-is-{at}", ""), "value": _number(value, value)}
        for at in _NEW_CONDITIONS
        if (value := posted.get(f"new-value-{at}", "").strip())
    ]
    return {
        "code": code,
        "kinds": [],
        "programmes": [],
        "when": when,
        "points": _number(posted.get("new-points", ""), 0),
        "verdict": posted.get("new-verdict", ""),
        "is_on": True,
    }


def _number(written: str, otherwise: Any) -> Any:
    """Return a whole number; what is none stays as it was written, for the refusal to name."""
    text = written.strip().replace("−", "-")
    if not text:
        return otherwise
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 14 else text[:40]
