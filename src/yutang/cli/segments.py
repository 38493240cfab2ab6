"""`yutang segments`: who fits a rule, saved segments, presets, exports."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TextIO

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.text import N_, Sentence, filled

if TYPE_CHECKING:
    from yutang.segments.queries import Found, SegmentView
    from yutang.segments.rules.wording import Names

app = typer.Typer(no_args_is_help=True, help=_("Segments: who fits a rule, saved ones, presets, exports."))

RuleName = Annotated[
    str,
    typer.Argument(
        metavar="RULE", help=_("A file with a rule (- for standard input), a segment's number, or a preset.")
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help=_("Only what happened before this day; the default is as far as orders are known."),
    ),
]
SegmentId = Annotated[int, typer.Argument(help=_("Number of the segment."))]

_SHOWN_PEOPLE = 20


class RuleCannotBeRead(DomainError):
    """The file does not exist, or holds no JSON."""

    code: ClassVar[str] = "rule_cannot_be_read"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_(
        "%(name)s is no file with a rule in JSON, no number of a segment and no preset: %(reason)s"
    )


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="segments")


@app.command(help=_("Count the people who fit a rule."))
@command
def count(rule: RuleName, as_of: AsOf = None, as_json: Json = False) -> Answer:
    """Count the people of a rule."""
    told = _rule(rule)
    found = _found(told, as_of)
    counted = {**_facts(told, found), "people": len(found.people)}
    return Answer(counted, _people_told(counted, is_asked=as_of is not None))


@app.command("list", help=_("List the people who fit a rule, by number."))
@command
def list_people(
    rule: RuleName,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("How many at most."))] = 1000,
    as_json: Json = False,
) -> Answer:
    """List the people of a rule."""
    told = _rule(rule)
    found = _found(told, as_of)
    ids = found.people[:limit].tolist()
    listed = {**_facts(told, found), "people": len(found.people), "customer_ids": ids}
    said = _people_told(listed, is_asked=as_of is not None)
    return Answer(listed, lambda console: _show_people(console, listed, said))


@app.command(
    help=_("Write the people who fit a rule as CSV: masked, or in the clear with a reason; both are written down.")
)
@command
def export(
    rule: RuleName,
    output: Annotated[Path | None, typer.Option("--out", help=_("File to write; standard output otherwise."))] = None,
    clear: Annotated[bool, typer.Option("--clear", help=_("In the clear; give a reason."))] = False,
    reason: Annotated[str, typer.Option("--reason", help=_("Why the data is needed in the clear."))] = "",
    as_json: Json = False,
) -> Answer:
    """Export the people of a rule."""
    from yutang.foundation.access import Actor
    from yutang.segments import actions

    told = _rule(rule)
    _bring_up_to_date()
    asked: dict[str, Any] = {
        "actor": Actor.system(),
        "rule": told,
        "segment_id": int(rule) if rule.isdecimal() else None,
    }
    exported = (
        actions.export_clear(**asked, reason=reason, now=now()) if clear else actions.export_masked(**asked, now=now())
    )
    rows = exported.rows(say)
    if output is None:
        if as_json:
            header, *people = rows
            return Answer({"columns": header, "rows": people}, "")
        _write(rows, sys.stdout)
        return Answer({}, lambda console: None)
    with output.open("w", encoding="utf-8-sig", newline="") as file:
        written = _write(rows, file) - 1
    return Answer({"file": str(output), "people": written}, filled(_("%(n)s people were written."), {"n": written}))


@app.command(help=_("Save a rule under a name: who comes and who leaves is followed from then on."))
@command
def save(
    rule: RuleName,
    name: Annotated[str, typer.Option("--name", help=_("Name of the segment."))],
    as_json: Json = False,
) -> Answer:
    """Save a segment."""
    from yutang.foundation.access import Actor
    from yutang.segments import actions, queries

    told = _rule(rule)
    _bring_up_to_date()
    preset = rule if queries.preset_named(rule) else ""
    key = actions.save_segment(actor=Actor.system(), name=name, rule=told, preset=preset, now=now())
    view = queries.segment_view(access=Actor.system(), segment_id=key)
    return Answer(
        _as_data(view, _names()), filled(_("Segment %(id)s was saved: %(n)s people."), {"id": key, "n": view.size})
    )


@app.command(help=_("Delete a saved segment."))
@command
def delete(segment_id: SegmentId, as_json: Json = False) -> Answer:
    """Delete a segment."""
    from yutang.foundation.access import Actor
    from yutang.segments import actions

    actions.delete_segment(actor=Actor.system(), segment_id=segment_id, now=now())
    return Answer({"deleted": segment_id}, _("Segment %(id)s was deleted.") % {"id": segment_id})


@app.command(help=_("Show the saved segments."))
@command
def saved(as_json: Json = False) -> Answer:
    """Show the saved segments."""
    from yutang.foundation.access import Actor
    from yutang.segments import queries

    names = _names()
    views = [_as_data(view, names) for view in queries.segments(access=Actor.system())]

    def words(console: Console) -> None:
        table = Table(_("Number"), _("Name"), _("People"), _("Came"), _("Left"), _("Rule"))
        for view in views:
            table.add_row(*(str(view[k]) for k in ("id", "name", "people", "entered", "left", "words")))
        console.print(table)

    return Answer({"segments": views}, words if views else _("No segment was saved yet."))


@app.command(help=_("Show one saved segment: its rule in words, its sizes, who came and who left."))
@command
def show(segment_id: SegmentId, as_json: Json = False) -> Answer:
    """Show one segment."""
    from yutang.foundation.access import Actor
    from yutang.segments import queries

    access = Actor.system()
    view = _as_data(queries.segment_view(access=access, segment_id=segment_id), _names())
    sizes = [
        {"taken_at": one.taken_at, "as_of": one.as_of, "people": one.size, "entered": one.entered, "left": one.left}
        for one in queries.sizes_of(access=access, segment_id=segment_id)
    ]
    change = queries.change_since(access=access, segment_id=segment_id)
    view["sizes"] = sizes
    view["latest_change"] = (
        {"since": change.since, "entered": change.entered.tolist(), "left": change.left.tolist()} if change else None
    )

    def words(console: Console) -> None:
        console.print(f"{view['name']}  #{segment_id}", style="bold", markup=False)
        console.print(str(view["words"]), markup=False)
        table = Table(_("As of"), _("People"), _("Came"), _("Left"))
        for one in sizes:
            table.add_row(*(str(one[k]) for k in ("as_of", "people", "entered", "left")))
        console.print(table)

    return Answer(view, words)


@app.command(help=_("Show the presets: one for each stage, each named group and each cell of recency and frequency."))
@command
def presets(as_json: Json = False) -> Answer:
    """Show the presets with their people."""
    from yutang.foundation.access import Actor
    from yutang.segments import queries

    _bring_up_to_date()
    rows = [
        {"preset": one.preset.code, "title": say(one.preset.title), "people": one.people, "rule": dict(one.preset.rule)}
        for one in queries.preset_counts(access=Actor.system())
    ]

    def words(console: Console) -> None:
        table = Table(_("Preset"), _("Title"), _("People"))
        for row in rows:
            table.add_row(*(str(row[k]) for k in ("preset", "title", "people")))
        console.print(table)

    return Answer({"presets": rows}, words)


@app.command(help=_("Compare two rules: who fits both, and who only one of them."))
@command
def compare(first: RuleName, second: RuleName, as_json: Json = False) -> Answer:
    """Compare two rules."""
    from yutang.foundation.access import Actor
    from yutang.insight.lake_reading import business_today
    from yutang.segments import queries

    rules = _rule(first), _rule(second)
    _bring_up_to_date()
    sides = queries.compared(access=Actor.system(), first=rules[0], second=rules[1], today=business_today(now()))
    counted = {"only_first": len(sides.only_first), "both": len(sides.both), "only_second": len(sides.only_second)}
    return Answer(
        counted, _("Only the first: %(only_first)s; both: %(both)s; only the second: %(only_second)s.") % counted
    )


@app.command(help=_("Show what rules may ask for: fields, happenings, and how each is compared."))
@command
def fields(as_json: Json = False) -> Answer:
    """Show the fields of rules."""
    from yutang.segments.describing import described_fields, described_happenings

    found = described_fields(say), described_happenings(say)
    told = {"fields": found[0], "events": found[1]}

    def words(console: Console) -> None:
        table = Table(_("Field"), _("Title"), _("Kind"), _("Comparisons"))
        for one in (*found[0], *found[1]):
            table.add_row(str(one["name"]), str(one["title"]), one["kind"], ", ".join(one["is"]))
        console.print(table)

    return Answer(told, words)


@app.command(help=_("Show the query that a rule becomes, with its values beside it."))
@command
def sql(rule: RuleName, as_of: AsOf = None, as_json: Json = False) -> Answer:
    """Show the query of a rule."""
    from yutang.foundation.access import Actor
    from yutang.insight.lake_reading import business_today
    from yutang.segments import queries

    query = queries.query_of(
        access=Actor.system(), rule=_rule(rule), today=business_today(now()), as_of=as_of.date() if as_of else None
    )
    text = query.sql(pretty=True)
    values = "\n".join(f"-- ${name} = {value}" for name, value in query.params.items())
    return Answer({"sql": text, "params": query.params}, f"{text}\n{values}")


@app.command(help=_("Bring the lake up to date and take a snapshot of every saved segment."))
@command
def refresh(as_json: Json = False) -> Answer:
    """Refresh the saved segments."""
    from yutang.foundation.access import Actor
    from yutang.segments import actions

    with progress_bar(_("Looking at the segments")) as told:
        report = actions.refresh_segments(
            actor=Actor.system(), told=lambda done, total: told(done, total, None), now=now()
        )
    counted = asdict(report)
    return Answer(
        counted,
        filled(_("%(segments)s segments, %(changed)s changed: %(entered)s people came, %(left)s left."), counted),
    )


def _rule(name: str) -> Any:
    """Return the rule that a word on the command line names."""
    from yutang.foundation.access import Actor
    from yutang.segments import queries

    if name.isdecimal():
        return queries.rule_of(access=Actor.system(), segment_id=int(name))
    preset = queries.preset_named(name)
    if preset is not None:
        return dict(preset.rule)
    try:
        return json.loads(sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise RuleCannotBeRead(
            name=name, reason=Sentence(N_("line %(line)s, column %(column)s is no JSON"), where)
        ) from error
    except (OSError, ValueError) as error:
        raise RuleCannotBeRead(name=name, reason=Sentence(N_("there is no such file that can be read"))) from error


def _bring_up_to_date() -> None:
    from yutang.ingest.lake_sync import sync_lake

    sync_lake(now=now())


def _found(rule: Any, as_of: datetime | None) -> Found:
    from yutang.foundation.access import Actor
    from yutang.insight.lake_reading import business_today
    from yutang.segments import queries

    _bring_up_to_date()
    return queries.people_of(
        access=Actor.system(), rule=rule, today=business_today(now()), as_of=as_of.date() if as_of else None
    )


def _facts(rule: Any, found: Found) -> dict[str, Any]:
    from yutang.segments import queries

    words = say(queries.words_of(rule=rule, names=_names(), currency=found.currency))
    return {"words": words, "as_of": found.as_of, "lake_written_at": found.lake_written_at}


def _names() -> Names:
    from yutang.foundation.access import Actor
    from yutang.segments import queries

    return queries.names_for(access=Actor.system())


def _as_data(view: SegmentView, names: Names) -> dict[str, Any]:
    from yutang.segments import queries

    return {
        "id": view.id,
        "name": view.name,
        "people": view.size,
        "entered": view.entered,
        "left": view.left,
        "as_of": view.as_of,
        "words": say(queries.words_of(rule=view.rule, names=names)),
        "rule": dict(view.rule),
    }


def _people_told(counted: Mapping[str, Any], *, is_asked: bool) -> str:
    """Return how many people fit, as of when; where somebody asked for a day, what is not of that day."""
    day = counted["as_of"] - timedelta(days=1)
    said = filled(_("%(people)s people, orders up to %(day)s: %(words)s"), {**counted, "day": day.isoformat()})
    if not is_asked:
        return said
    return f"{said}\n" + _(
        "Only orders and refunds are those of that day: attributes, tags, consent, scores and stages are those of now."
    )


def _show_people(console: Console, listed: dict[str, Any], said: str) -> None:
    console.print(said, markup=False)
    shown = listed["customer_ids"][:_SHOWN_PEOPLE]
    console.print(", ".join(str(key) for key in shown) + (" …" if listed["people"] > len(shown) else ""))


def _write(rows: Any, file: TextIO) -> int:
    writer, written = csv.writer(file), 0
    for row in rows:
        writer.writerow(row)
        written += 1
    return written
