"""`yutang playbooks`: write playbooks, check them, try them on real people, and let them run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _, language, say
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence, filled

if TYPE_CHECKING:
    from yutang.journeys.queries import Definition, DryRun, PlaybookView

app = typer.Typer(
    no_args_is_help=True, help=_("Playbooks: when this, wait, if, do that; by itself, under the contact policy.")
)

Named = Annotated[str, typer.Argument(metavar="PLAYBOOK", help=_("Number, name, or key of the ready playbook."))]

_STATES = {"draft": N_("draft"), "running": N_("running"), "paused": N_("paused"), "stopped": N_("stopped")}
_OUTCOMES = {
    "now": N_("at once"),
    "at": N_("later"),
    "replace": N_("something useful instead"),
    "refuse": N_("refused"),
    "task": N_("task for a human"),
    "post": N_("post to a group"),
}


class PlaybookCannotBeRead(DomainError):
    """The file does not exist, or holds no JSON."""

    code: ClassVar[str] = "playbook_cannot_be_read"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(name)s cannot be read as a playbook: %(reason)s")


class PlaybookIsNotTaken(DomainError):
    """The key is that of a ready playbook that nobody has taken."""

    code: ClassVar[str] = "playbook_is_not_taken"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("The ready playbook %(ready)s is no draft yet: yutang playbooks add --ready %(ready)s")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="playbooks")


@app.command(name="list", help=_("Show all playbooks: their state, and how many people are in them."))
@command
def list_(as_json: Json = False) -> Answer:
    """Show the playbooks."""
    from yutang.foundation.access import Actor
    from yutang.journeys import queries

    found = queries.playbooks(access=Actor.system())
    return Answer({"playbooks": [_told(one) for one in found]}, lambda console: _show(console, found))


@app.command(help=_("Show the ready playbooks."))
@command
def ready(as_json: Json = False) -> Answer:
    """Show what can be taken ready."""
    from yutang.journeys import queries

    found = queries.ready_playbooks(language=_language())
    rows = [{"key": one.key, "name": one.name, "about": one.about} for one in found]

    def show(console: Console) -> None:
        table = Table(_("Key"), _("Name"), _("What it does"))
        for one in rows:
            table.add_row(one["key"], one["name"], one["about"])
        console.print(table)

    return Answer({"ready": rows}, show)


@app.command(help=_("Take a ready playbook, or one from a file, as a draft."))
@command
def add(
    ready_key: Annotated[str, typer.Option("--ready", help=_("Key of a ready playbook."))] = "",
    file: Annotated[Path | None, typer.Option("--file", help=_("A file with a definition in JSON."))] = None,
    name: Annotated[str, typer.Option("--name", help=_("What it is called."))] = "",
    as_json: Json = False,
) -> Answer:
    """Write a draft."""
    from yutang.foundation.access import Actor
    from yutang.journeys import actions

    actor, at = Actor.system(), now()
    if file is not None:
        given = _read(file)
        key = actions.create_playbook(actor=actor, name=name or file.stem, definition=given, now=at)
    else:
        key = actions.adopt_playbook(actor=actor, ready=ready_key, language=_language(), name=name, now=at)
    return Answer(
        {"playbook_id": key}, filled(_("Playbook %(id)s is a draft: yutang playbooks try %(id)s"), {"id": key})
    )


@app.command(help=_("Check a playbook, or a file with a definition: each fault is named with its step and field."))
@command
def validate(
    playbook: Annotated[str, typer.Argument(metavar="PLAYBOOK|FILE", help=_("A playbook, or a file."))],
    as_json: Json = False,
) -> Answer:
    """Check a definition."""
    from yutang.journeys import queries

    path = Path(playbook)
    given = _read(path) if path.suffix == ".json" else dict(_known(playbook).draft)
    checked = queries.checked_definition(given)
    told = {"valid": True, "steps": len(checked["steps"])}
    return Answer(told, filled(_("The playbook can be read: %(steps)s steps."), told))


@app.command(
    name="try",
    help=_(
        "Play a playbook, or a ready one that nobody has taken yet, on real people: what would go out when, and at what how many are left. "
        "Nothing is written or sent."
    ),
)
@command
def try_(playbook: Named, as_json: Json = False) -> Answer:
    """Play the draft."""
    from yutang.foundation.access import Actor
    from yutang.journeys import queries

    system, at = Actor.system(), now()
    view = queries.playbook_named(access=system, name=playbook)
    if view is not None:
        definition = queries.definition_read(view.draft)
        found = queries.dry_run(access=system, playbook_id=view.id, now=at)
    elif any(one.key == playbook for one in queries.ready_playbooks(language=_language())):
        definition, found = queries.dry_run_of_ready(access=system, key=playbook, language=_language(), now=at)
    else:
        raise _unknown(playbook)
    told = {name: getattr(found, name) for name in ("people", "of_people", "held", "unreached", "said_to", "basis")}
    told |= {
        "left": [asdict(one) for one in found.left],
        "calendar": _calendar(definition, found),
        "reasons": _reasons(found),
        "cannot_go_out": [place.partition(".")[0] for place, _sentence in queries.without_template(definition)],
    }
    return Answer(told, lambda console: _show_trial(console, definition, found))


@app.command(help=_("Publish the draft and let the playbook run."))
@command
def start(playbook: Named, as_json: Json = False) -> Answer:
    """Start a playbook."""
    from yutang.foundation.access import Actor
    from yutang.journeys import actions

    view = _known(playbook)
    number = actions.start_playbook(actor=Actor.system(), playbook_id=view.id, now=now())
    told = {"playbook_id": view.id, "version": number, "state": "running"}
    return Answer(told, filled(_("The playbook runs on version %(version)s."), told))


@app.command(help=_("Let nobody in and move nobody on until the playbook is resumed."))
@command
def pause(playbook: Named, as_json: Json = False) -> Answer:
    """Pause a playbook."""
    from yutang.foundation.access import Actor
    from yutang.journeys import actions

    view = _known(playbook)
    actions.pause_playbook(actor=Actor.system(), playbook_id=view.id, now=now())
    return Answer({"playbook_id": view.id, "state": "paused"}, _("The playbook is paused."))


@app.command(help=_("Let a paused playbook run on."))
@command
def resume(playbook: Named, as_json: Json = False) -> Answer:
    """Resume a playbook."""
    from yutang.foundation.access import Actor
    from yutang.journeys import actions

    view = _known(playbook)
    actions.resume_playbook(actor=Actor.system(), playbook_id=view.id, now=now())
    return Answer({"playbook_id": view.id, "state": "running"}, _("The playbook runs on."))


@app.command(help=_("End a playbook for everybody who is in it."))
@command
def stop(playbook: Named, as_json: Json = False) -> Answer:
    """Stop a playbook."""
    from yutang.foundation.access import Actor
    from yutang.journeys import actions

    view = _known(playbook)
    people = actions.stop_playbook(actor=Actor.system(), playbook_id=view.id, now=now())
    told = {"playbook_id": view.id, "state": "stopped", "people": people}
    return Answer(told, filled(_("The playbook has ended for %(people)s people."), told))


def _language() -> str:
    return "en" if language().startswith("en") else "zh-hans"


def _known(named: str) -> PlaybookView:
    from yutang.foundation.access import Actor
    from yutang.journeys import queries

    found = queries.playbook_named(access=Actor.system(), name=named)
    if found is None:
        raise _unknown(named)
    return found


def _unknown(named: str) -> DomainError:
    from yutang.journeys import actions, queries

    if any(one.key == named for one in queries.ready_playbooks(language=_language())):
        return PlaybookIsNotTaken(ready=named)
    return actions.NoSuchPlaybook(playbook=named)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        reason = Sentence(N_("line %(line)s, column %(column)s is no JSON"), where)
        raise PlaybookCannotBeRead(name=str(path), reason=reason.as_json()) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = Sentence(N_("there is no such file that can be read"))
        raise PlaybookCannotBeRead(name=str(path), reason=reason.as_json()) from error


def _told(view: PlaybookView) -> dict[str, Any]:
    counts = asdict(view.counts)
    return {"id": view.id, "name": view.name, "state": view.state, "version": view.version, **counts}


def _show(console: Console, found: tuple[PlaybookView, ...]) -> None:
    table = Table(_("No."), _("Name"), _("State"), _("Version"), _("In it now"), _("Held out"))
    for one in found:
        version = "—" if one.version is None else str(one.version)
        row = (str(one.id), one.name, _(_STATES[one.state]), version, str(one.counts.inside), str(one.counts.held))
        table.add_row(*row)
    console.print(table)


def _calendar(definition: Definition, found: DryRun) -> list[dict[str, Any]]:
    days = Counter((one.day.isoformat(), one.step, one.outcome) for one in found.foreseen)
    return [
        {"day": day, "step": step, "title": _step_title(definition, step), "outcome": outcome, "people": n}
        for (day, step, outcome), n in sorted(days.items())
    ]


def _step_title(definition: Definition, step_id: str) -> str:
    from yutang.journeys import queries

    step = definition.step(step_id)
    return step.title or _(queries.STEP_TITLES[step.do])


def _reasons(found: DryRun) -> dict[str, int]:
    held_back = Counter(one.reason for one in found.foreseen if one.outcome in {"at", "replace", "refuse"})
    return dict(held_back.most_common())


def _condition(rule: Mapping[str, Any], subject: str) -> str:
    """Return a condition of the audience in words; one about groups as its facts are called."""
    from yutang.foundation.access import Actor
    from yutang.segments import queries as segments

    if subject == "group":
        return "; ".join(" ".join(str(told) for told in test.values()) for test in rule["all"])
    return say(segments.words_of(rule=rule, names=segments.names_for(access=Actor.system())))


def _show_trial(console: Console, definition: Definition, found: DryRun) -> None:
    from yutang.channels.queries import REASON_TITLES
    from yutang.journeys import queries

    console.print(_(queries.BASES[found.basis]))
    calendar = Table(_("Day"), _("Step"), _("What the policy would say"), _("People"))
    for one in _calendar(definition, found):
        outcome = one["outcome"]
        calendar.add_row(one["day"], one["title"], _(_OUTCOMES[outcome]), str(one["people"]))
    if found.foreseen:
        console.print(calendar)
    reasons = Table(_("Why not at once"), _("People"))
    for reason, n in _reasons(found).items():
        reasons.add_row(_(REASON_TITLES[reason]) if reason in REASON_TITLES else reason, str(n))
    if reasons.row_count:
        console.print(reasons)
    left = Table(_("How many are left"), _("People"))
    for each in found.left:
        asked = _(queries.ASKED[each.asked]) if each.rule is None else _condition(each.rule, definition.subject)
        left.add_row(asked, str(each.count))
    console.print(left)
    words = N_(
        "%(people)s of %(of_people)s people were played, %(held)s of them held out; %(said_to)s of the others would be said something to. "
        "Nothing was written."
    )
    told = {"people": found.people, "of_people": found.of_people, "held": found.held, "said_to": found.said_to}
    console.print(say(Sentence(words, told)))
    if found.unreached:
        lacking = N_("%(n)s more would not come in: on some course through the playbook no step reaches them.")
        console.print(say(Sentence(lacking, {"n": found.unreached})))
    for place, sentence in queries.without_template(definition):
        console.print(f"{_step_title(definition, place.partition('.')[0])}: {say(sentence)}")
