"""`yutang lake` and `yutang sql`: the derived tables, and the queries over them as one reads them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.syntax import Syntax

from yutang.cli.output import Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _
from yutang.kit.text import filled

if TYPE_CHECKING:
    from yutang.ingest.lake_sync import SyncReport
    from yutang.lake.catalogue import NamedQuery

app = typer.Typer(no_args_is_help=True, help=_("The lake: tables for analysis, derived from the store."))

#: Rows that `yutang sql --run` shows.
_SHOWN_ROWS = 20


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="lake")
    parent.command("sql", help=_("Show a named query, its steps, or its first rows; without a name: all names."))(sql)


@app.command(help=_("Bring what has changed since the last time into the lake."))
@command
def sync(as_json: Json = False) -> Answer:
    """Sync the lake."""
    from yutang.ingest.lake_sync import sync_lake

    with progress_bar(_("Bringing the lake up to date")):
        report = sync_lake(now=now())
    return _answer_of(report)


@app.command(help=_("Write the whole lake anew from the store."))
@command
def rebuild(as_json: Json = False) -> Answer:
    """Rebuild the lake."""
    from yutang.ingest.lake_sync import rebuild_lake

    with progress_bar(_("Writing the lake anew")):
        report = rebuild_lake(now=now())
    return _answer_of(report)


@app.command(help=_("Show what the lake holds and what it lacks."))
@command
def status(as_json: Json = False) -> Answer:
    """Show how the lake stands."""
    from yutang.ingest.lake_sync import lake_status

    found = lake_status()

    def show(console: Console) -> None:
        table = Table(_("Table"), _("Version"), _("Partitions"), _("Rows"), _("Bytes"))
        for each in found.tables:
            table.add_row(each.table, str(each.version), str(each.partitions), f"{each.rows:,}", f"{each.size_bytes:,}")
        console.print(table)
        console.print(_("Folder: %(folder)s") % {"folder": found.folder}, markup=False, soft_wrap=True)
        console.print(_("Changes that wait: %(waiting)s") % {"waiting": found.waiting})
        if found.must_rebuild:
            console.print(_("The next sync writes everything anew."))

    return Answer(asdict(found), show)


@command
def sql(
    name: Annotated[str | None, typer.Argument(help=_("Name of the query, for example insight.rfm."))] = None,
    steps: Annotated[bool, typer.Option("--steps", help=_("Show each step as a query of its own."))] = False,
    run: Annotated[bool, typer.Option("--run", help=_("Run it over the lake and show the first rows."))] = False,
    param: Annotated[
        list[str] | None, typer.Option("--param", help=_("A value, as NAME=VALUE; lists with commas; null for none."))
    ] = None,
    as_json: Json = False,
) -> Answer:
    """Show a query."""
    from yutang.lake.catalogue import catalogue_of
    from yutang.lake.rendering import read_params, rendered, steps_of

    catalogue = catalogue_of("yutang")
    if name is None:
        return _list_of(list(catalogue))
    query = catalogue[name]
    values = read_params(query, dict(_pair(each) for each in param or ()))
    data: dict[str, Any] = _promises(query)
    shown = [(query.name, rendered(query, values))]
    if steps:
        shown = [(step.name, step.sql) for step in steps_of(query, values)]
        data["steps"] = [{"name": step, "sql": text} for step, text in shown]
    data["sql"] = rendered(query, values)
    rows = _first_rows(query, values) if run else None
    if rows is not None:
        data["rows"] = rows

    def show(console: Console) -> None:
        console.print(f"{query.name}: {_(query.grain)}", markup=False, soft_wrap=True)
        for title, text in shown:
            console.print(f"\n-- {title}", markup=False)
            _show_sql(console, text)
        if rows is not None:
            _show_rows(console, rows)

    return Answer(data, show)


def _answer_of(report: SyncReport) -> Answer:
    rows = sum(each.rows for each in report.tables)
    said = filled(
        _("%(tables)s tables and %(rows)s rows were written in %(seconds)s s."),
        {
            "tables": len(report.tables),
            "rows": f"{rows:,}",
            "seconds": f"{report.seconds:.1f}",
        },
    )
    return Answer(asdict(report), said if report.tables else _("Nothing has changed since the last time."))


def _list_of(queries: list[NamedQuery]) -> Answer:
    def show(console: Console) -> None:
        table = Table(_("Name"), _("One row is"), _("Parameters"))
        for query in queries:
            params = ", ".join(f"{each.name} {each.type}" for each in query.params.values())
            table.add_row(query.name, _(query.grain), params)
        console.print(table)

    return Answer({"queries": [_promises(query) for query in queries]}, show)


def _promises(query: NamedQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "grain": query.grain,
        "uses": list(query.uses.values()),
        "reads": {table: list(columns) for table, columns in query.reads.items()},
        "inputs": {table: list(columns) for table, columns in query.inputs.items()},
        "params": [asdict(each) for each in query.params.values()],
        "units": query.units,
    }


def _pair(written: str) -> tuple[str, str]:
    from yutang.lake.rendering import ParameterIsWrong

    name, sign, value = written.partition("=")
    if not sign:
        raise ParameterIsWrong(name=name, value="", expected="NAME=VALUE")
    return name, value


def _first_rows(query: NamedQuery, values: dict[str, Any]) -> list[dict[str, Any]]:
    from yutang.ingest.lake_sync import the_lake
    from yutang.lake.engines.base import Engine
    from yutang.lake.engines.choosing import chosen_engine
    from yutang.lake.rendering import NotForRunning, ParametersAreMissing

    missing = sorted(set(query.params) - set(values))
    if missing:
        raise ParametersAreMissing(names=", ".join(missing))
    snapshot = the_lake().snapshot()
    if query.inputs or set(query.reads) - set(snapshot.manifests):
        raise NotForRunning(name=query.name)
    with Engine(dialect=chosen_engine(), snapshot=snapshot) as engine:
        return list(engine.run(query, values).slice(0, _SHOWN_ROWS).to_pylist())


def _show_sql(console: Console, text: str) -> None:
    """Print SQL whole: as it is for a pipe, coloured and wrapped on a terminal."""
    if console.is_terminal:
        console.print(Syntax(text, "sql", background_color="default", word_wrap=True))
    else:
        console.print(text, markup=False, soft_wrap=True)


def _show_rows(console: Console, rows: list[dict[str, Any]]) -> None:
    if not rows:
        console.print(_("No rows."))
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    console.print(table)
