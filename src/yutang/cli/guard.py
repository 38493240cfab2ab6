"""`yutang guard`: what was stopped, one decision, what people decide, rules and lists."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.risk.views import DecisionView

app = typer.Typer(no_args_is_help=True, help=_("The guard: decisions, rules, lists."))
_Decision = Annotated[int, typer.Argument(help=_("Number of the decision."))]
_Version = Annotated[int, typer.Argument(help=_("Number of the version; 0: the rules that come with the product."))]


class FileIsNoRules(DomainError):
    """A file does not hold JSON."""

    code: ClassVar[str] = "file_is_no_rules"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(file)s does not hold rules as JSON. Begin with what “yutang guard rules” prints.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="guard")


@app.command(help=_("Show what came in the last days, what was stopped, and what that saved."))
@command
def panel(
    days: Annotated[int, typer.Option("--days", min=1, max=365, help=_("How many days back."))] = 30,
    as_json: Json = False,
) -> Answer:
    """Show the panel."""
    from yutang.foundation.access import Actor
    from yutang.risk import queries

    found = queries.panel(access=Actor.system(), since=now() - timedelta(days=days))
    told = _("%(came)s asks: %(stopped)s stopped, %(wrongly)s of them wrongly; %(waiting)s wait for a person.") % {
        "came": found.came,
        "stopped": found.stopped,
        "wrongly": found.wrongly,
        "waiting": found.undecided,
    }
    figures = {**asdict(found), "stopped": found.stopped}
    return Answer(json.loads(json.dumps(figures, default=str)), lambda console: console.print(told))


@app.command(help=_("List the latest decisions that were stopped."))
@command
def decisions(
    waiting: Annotated[bool, typer.Option("--waiting", help=_("Only those that wait for a person."))] = False,
    as_json: Json = False,
) -> Answer:
    """List decisions."""
    from yutang.foundation.access import Actor
    from yutang.risk import queries
    from yutang.risk.views import DecisionFilters

    filters = DecisionFilters(is_waiting=waiting, is_stopped=not waiting)
    found = queries.decisions(access=Actor.system(), filters=filters).rows
    return Answer({"decisions": [_told(one) for one in found]}, lambda console: _list(console, found))


@app.command(help=_("Show one decision with its reasons and facts."))
@command
def show(decision_id: _Decision, as_json: Json = False) -> Answer:
    """Show a decision."""
    from yutang.foundation.access import Actor
    from yutang.risk import queries

    view = queries.decision_view(access=Actor.system(), decision_id=decision_id)
    return Answer({"decision": _told(view)}, lambda console: _list(console, [view]))


@app.command("let-through", help=_("Let through what was stopped."))
@command
def let_through(decision_id: _Decision, as_json: Json = False) -> Answer:
    """Let through."""
    from yutang.foundation.access import Actor
    from yutang.risk import actions

    actions.let_through(actor=Actor.system(), decision_id=decision_id, now=now())
    return Answer({"decision_id": decision_id}, lambda console: console.print(_("It is let through.")))


@app.command("keep-stopped", help=_("Keep something stopped."))
@command
def keep_stopped(decision_id: _Decision, as_json: Json = False) -> Answer:
    """Keep stopped."""
    from yutang.foundation.access import Actor
    from yutang.risk import actions

    actions.keep_stopped(actor=Actor.system(), decision_id=decision_id, now=now())
    return Answer({"decision_id": decision_id}, lambda console: console.print(_("It stays stopped.")))


@app.command(help=_("Print a version of the rules as JSON; that in force without a number."))
@command
def rules(
    version: Annotated[int, typer.Argument(help=_("Number of the version."))] = -1, as_json: Json = False
) -> Answer:
    """Print rules."""
    from yutang.foundation.access import Actor
    from yutang.risk import queries

    known = {one.version: one for one in queries.rule_versions(access=Actor.system())}
    in_force = next(one for one in known.values() if one.state == "active")
    view = in_force if version < 0 else queries.rule_version(access=Actor.system(), version=version)
    text = json.dumps(view.body, ensure_ascii=False, indent=2)
    told = {"version": view.version, "state": view.state, "rules": view.body}
    return Answer(told, lambda console: console.print(text, markup=False, highlight=False, soft_wrap=True))


@app.command("save-rules", help=_("Keep rules from a JSON file as a new version; it decides nothing yet."))
@command
def save_rules(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=_("The file."))],
    note: Annotated[str, typer.Option("--note", help=_("What is new."))] = "",
    as_json: Json = False,
) -> Answer:
    """Keep rules."""
    from yutang.foundation.access import Actor
    from yutang.risk import actions

    made = actions.save_rules(actor=Actor.system(), body=_read(file), note=note, now=now())
    return Answer({"version": made}, lambda console: console.print(_("Version %(n)s.") % {"n": made}))


@app.command("back-test", help=_("Say what rules from a JSON file would have said of the decisions of the last days."))
@command
def back_test(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=_("The file."))],
    days: Annotated[int, typer.Option("--days", min=1, max=365, help=_("How many days back."))] = 30,
    as_json: Json = False,
) -> Answer:
    """Try rules on the past."""
    from yutang.foundation.access import Actor
    from yutang.risk import queries

    found = queries.back_test(access=Actor.system(), body=_read(file), since=now() - timedelta(days=days))
    moves = {f"{was} -> {would}": n for (was, would), n in sorted(found.moves.items())}
    told = _(
        "Of %(n)s decisions, %(stopped)s would have been stopped only by these rules, %(let)s let through only by these."
    )
    values = {"n": found.looked_at, "stopped": found.newly_stopped, "let": found.newly_let}
    return Answer({**asdict(found), "moves": moves}, lambda console: console.print(told % values))


@app.command("try", help=_("Put a version on trial: it says beside, and changes nothing."))
@command
def try_version(version: _Version, as_json: Json = False) -> Answer:
    """Put on trial."""
    from yutang.foundation.access import Actor
    from yutang.risk import actions

    actions.put_on_trial(actor=Actor.system(), version=version, now=now())
    return Answer({"version": version}, lambda console: console.print(_("It is on trial.")))


@app.command("use", help=_("Put a version in force."))
@command
def use_version(version: _Version, as_json: Json = False) -> Answer:
    """Put in force."""
    from yutang.foundation.access import Actor
    from yutang.risk import actions

    actions.put_in_force(actor=Actor.system(), version=version, now=now())
    return Answer({"version": version}, lambda console: console.print(_("It decides from now on.")))


@app.command("block", help=_("Put somebody or something on the list of those who are always refused."))
@command
def block(
    subject: Annotated[str, typer.Argument(help=_("person, device, address, block, payer or place."))],
    value: Annotated[str, typer.Argument(help=_("Key of the customer, or the thing as it is known."))],
    reason: Annotated[str, typer.Option("--reason", help=_("Why."))],
    days: Annotated[int, typer.Option("--days", min=0, max=3650, help=_("For how long; 0: until taken off."))] = 0,
    as_json: Json = False,
) -> Answer:
    """Block."""
    return _listed("block", subject, value, reason, days)


@app.command("allow", help=_("Put somebody or something on the list of those who are always let through."))
@command
def allow(
    subject: Annotated[str, typer.Argument(help=_("person, device, address, block, payer or place."))],
    value: Annotated[str, typer.Argument(help=_("Key of the customer, or the thing as it is known."))],
    reason: Annotated[str, typer.Option("--reason", help=_("Why."))],
    days: Annotated[int, typer.Option("--days", min=0, max=3650, help=_("For how long; 0: until taken off."))] = 0,
    as_json: Json = False,
) -> Answer:
    """Allow."""
    return _listed("allow", subject, value, reason, days)


def _listed(effect: str, subject: str, value: str, reason: str, days: int) -> Answer:
    from yutang.foundation.access import Actor
    from yutang.risk import actions

    until = now() + timedelta(days=days) if days else None
    made = actions.put_on_list(
        actor=Actor.system(), effect=effect, subject=subject, value=value, reason=reason, until=until, now=now()
    )
    return Answer({"entry_id": made}, lambda console: console.print(_("It stands on the list.")))


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FileIsNoRules(file=file.name) from error


def _told(view: DecisionView) -> dict[str, Any]:
    """Return a decision for programs; the words of an appeal are for the console alone."""
    told: dict[str, Any] = json.loads(json.dumps(asdict(view), default=str))
    return {**told, "appeal": None}


def _list(console: Console, found: Any) -> None:
    from yutang.risk import words

    table = Table(_("Number"), _("When"), _("Kind"), _("Programme"), _("Verdict"), _("Why"))
    for one in found:
        why = say(words.sentence_of(one.reasons[0])) if one.reasons else ""
        verdict = words.SETTLED_TITLES.get(one.settled, words.VERDICT_TITLES[one.verdict])
        kind = _(words.KIND_TITLES[one.kind])
        table.add_row(str(one.id), f"{one.at:%m-%d %H:%M}", kind, one.programme, _(verdict), why)
    console.print(table)
