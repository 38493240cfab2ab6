"""`yutang import FILE...` and `yutang imports`: bring files in, look at what was brought, mend, undo."""

from __future__ import annotations

import contextlib
import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, TextIO

import typer
from rich.console import Console
from rich.text import Text

from yutang.cli.output import DONE, QUARANTINED, REFUSED, Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.spreadsheets import safe_cell
from yutang.kit.text import N_, Sentence
from yutang.kit.workbooks import write_workbook

app = typer.Typer(no_args_is_help=True, help=_("Imports: list, show, mend what was kept, undo."))

ImportId = Annotated[int, typer.Argument(help=_("Number of the import."))]

#: Kept rows that one answer lists with their reasons.
_MOST_LISTED = 10_000
_ON_SHEET = N_("Sheet “%(sheet)s”: %(reason)s")
_AMOUNTS = (
    (N_("Imported"), "imported"),
    (N_("Cancelled"), "cancelled"),
    (N_("Kept back"), "quarantined"),
    (N_("Ignored"), "ignored"),
)
_COUNTS = ("new", "updated", "unchanged", "quarantined", "ignored")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.command("import", help=_("Bring files in: orders, refunds, customers, footfall, advertising cost."))(
        import_files
    )
    parent.add_typer(app, name="imports")


@command
def import_files(
    files: Annotated[list[Path], typer.Argument(help=_("CSV, TSV, xlsx or xls, also as .gz; the format is detected."))],
    mapping: Annotated[
        str, typer.Option("--map", help=_("Columns of an unknown file: order_number=COLUMN,ordered_at=COLUMN,..."))
    ] = "",
    target: Annotated[str, typer.Option("--target", help=_("What the file brings, when it is not clear."))] = "",
    shop: Annotated[str, typer.Option("--shop", help=_("Which of several shops on one platform."))] = "",
    currency: Annotated[str, typer.Option("--currency", help=_("Currency of files that name none."))] = "CNY",
    time_zone: Annotated[
        str, typer.Option("--time-zone", help=_("Zone of local times in the files."))
    ] = "Asia/Shanghai",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Show what would come of it and change nothing."))
    ] = False,
    refresh: Annotated[bool, typer.Option(help=_("Refresh lake, scores and today's list afterwards."))] = True,
    as_json: Json = False,
) -> Answer:
    """Import files one after the other; a refused file does not stop the others."""
    from yutang.foundation.access import Actor

    options = {
        "mapping": _mapping(mapping),
        "target": target or None,
        "shop_name": shop,
        "currency": currency,
        "time_zone": time_zone,
    }
    results = [_import_one(path, Actor.system(), options, dry_run) for path in files]
    if refresh and not dry_run and any("error" not in r for r in results):
        _refresh()
    worst = max(_exit_code(r) for r in results)
    data = results[0] if len(results) == 1 else {"imports": results}
    return Answer(data, lambda console: _show_results(console, results), worst)


@app.command("list", help=_("Show what was imported, the newest first."))
@command
def list_imports(
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("How many."))] = 20, as_json: Json = False
) -> Answer:
    """List imports."""
    from yutang.foundation.access import Actor
    from yutang.ingest import queries

    views = [queries.as_json(v) for v in queries.recent_imports(access=Actor.system(), limit=limit)]
    return Answer({"imports": views}, lambda console: _show_list(console, views))


@app.command(help=_("Show one import with its counts."))
@command
def show(import_id: ImportId, as_json: Json = False) -> Answer:
    """Show one import."""
    from yutang.foundation.access import Actor
    from yutang.ingest import queries

    view = queries.as_json(queries.import_view(access=Actor.system(), import_id=import_id))
    return Answer(view, lambda console: _show_results(console, [view]))


@app.command(help=_("Take a whole import back."))
@command
def undo(import_id: ImportId, as_json: Json = False) -> Answer:
    """Undo an import: what it made is deleted, what it changed is as before."""
    from yutang.foundation.access import Actor
    from yutang.ingest import actions, queries

    record = actions.undo_import(actor=Actor.system(), import_id=import_id, now=now())
    _refresh()
    view = queries.as_json(queries.import_view(access=Actor.system(), import_id=record.pk))
    return Answer(view, _("Import %(import_id)s was undone.") % {"import_id": import_id})


@app.command(help=_("Go on with an import that was cancelled or broke off."))
@command
def resume(import_id: ImportId, as_json: Json = False) -> Answer:
    """Go on where an import stopped."""
    from yutang.foundation import jobs
    from yutang.foundation.access import Actor
    from yutang.ingest import actions, queries

    record = actions.resume_import(actor=Actor.system(), import_id=import_id, now=now())
    with progress_bar(record.file_name) as told:
        jobs.run_inline(record.job_id or 0, told=told)
    view = queries.import_view(access=Actor.system(), import_id=import_id)
    if view.problem is not None:
        raise ImportFailed(view)
    _refresh()
    result = queries.as_json(view)
    return Answer(result, lambda console: _show_results(console, [result]), _exit_code(result))


@app.command(help=_("Write the rows that could not be taken as CSV or xlsx, to be mended and imported again."))
@command
def kept(
    import_id: ImportId,
    out: Annotated[Path | None, typer.Option("--out", help=_("File to write; standard output when left out."))] = None,
    as_json: Json = False,
) -> Answer:
    """Write the kept rows of an import, or list them with their reasons as JSON."""
    from yutang.foundation.access import Actor
    from yutang.ingest import queries

    actor = Actor.system()
    rows = queries.kept_rows(access=actor, import_id=import_id, limit=_MOST_LISTED)
    listed = [
        {"id": r.id, "sheet": r.sheet, "row": r.row_number, "column": r.column, "reason": _reason(r)} for r in rows
    ]
    tables = queries.kept_tables(access=actor, import_id=import_id)
    if out is not None:
        _write_tables(out, tables)
    elif not as_json:
        _write_lines(sys.stdout, _only_table(tables))
    return Answer({"import_id": import_id, "rows": listed}, lambda console: _show_reasons(listed))


def _show_reasons(listed: list[dict[str, Any]]) -> None:
    """Print why rows were kept where they do not get between the rows themselves."""
    for row in listed:
        print(row["reason"], file=sys.stderr)


def _reason(row: Any) -> str:
    """Return why a row was kept, after the name of its sheet if it has one."""
    if not row.sheet:
        return say(row.reason)
    return say(Sentence(_ON_SHEET, {"sheet": row.sheet, "reason": row.reason.as_json()}))


def _only_table(tables: Sequence[tuple[str, Iterable[list[str]]]]) -> Iterable[list[str]]:
    """Return the lines of the table; several do not fit under one header."""
    if len(tables) > 1:
        raise RowsAreOfSeveralSheets(sheets="、".join(name for name, _lines in tables))
    return tables[0][1] if tables else ()


def _write_tables(path: Path, tables: Sequence[tuple[str, Iterable[list[str]]]]) -> None:
    """Write a workbook if the name says so, else CSV."""
    try:
        if path.suffix.lower() == ".xlsx":
            with path.open("wb") as workbook:
                write_workbook(workbook, [(name or path.stem[:31], lines) for name, lines in tables])
            return
        lines = _only_table(tables)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            _write_lines(file, lines)
    except OSError as error:
        raise FileCouldNotBeWritten(file=str(path), detail=error.strerror or type(error).__name__) from error


def _write_lines(file: TextIO, lines: Iterable[list[str]]) -> None:
    """Write cells as CSV that no spreadsheet program executes."""
    csv.writer(file).writerows([safe_cell(cell) for cell in line] for line in lines)


class ImportFailed(DomainError):
    """An import that went on has failed again; the reason is its own."""

    code: ClassVar[str] = "import_failed"

    def __init__(self, view: Any) -> None:
        self._problem: Sentence = view.problem
        super().__init__(import_id=view.id)

    @property
    def sentence(self) -> Sentence:
        """Why it failed."""
        return self._problem


class RowsAreOfSeveralSheets(DomainError):
    """Rows of several sheets have several headers."""

    code: ClassVar[str] = "rows_are_of_several_sheets"
    message: ClassVar[str] = N_(
        "The kept rows are of several sheets (%(sheets)s). Write them as a workbook: --out mend.xlsx"
    )


class FileCouldNotBeWritten(DomainError):
    """The file asked for cannot be made."""

    code: ClassVar[str] = "file_could_not_be_written"
    message: ClassVar[str] = N_("The file %(file)s could not be written (%(detail)s). Name another place.")


class MappingIsUnreadable(DomainError):
    """--map is not written as pairs."""

    code: ClassVar[str] = "mapping_is_unreadable"
    message: ClassVar[str] = N_("--map is written field=COLUMN,field=COLUMN; “%(part)s” is no such pair.")


def _import_one(path: Path, actor: Any, options: dict[str, Any], dry_run: bool) -> dict[str, Any]:
    """Import one file here and return its result, or the refusal."""
    from yutang.foundation import jobs
    from yutang.ingest import actions, queries, rehearsal

    try:
        if dry_run:
            with progress_bar(path.name) as told:
                return rehearsal.dry_run_import(
                    actor=actor, path=path, file_name=path.name, told=told, now=now(), **options
                )
        record = actions.prepare_import(actor=actor, path=path, file_name=path.name, now=now(), **options)
        started = actions.start_import(actor=actor, import_id=record.pk, now=now())
        with progress_bar(path.name) as told:
            jobs.run_inline(started.job_id or 0, told=told)
        view = queries.import_view(access=actor, import_id=record.pk)
    except DomainError as refusal:
        return _refused(path, refusal.code, say(refusal.sentence), refusal.data)
    except jobs.JobFailed as failure:
        return _refused(path, "job_failed", say(failure.reason), {})
    if view.problem is not None:
        return _failed(path, view)
    return {"file": path.name, **queries.as_json(view)}


def _failed(path: Path, view: Any) -> dict[str, Any]:
    """Tell why an import failed; one that has written nothing leaves nothing behind."""
    from yutang.foundation.access import Actor
    from yutang.ingest import actions

    told = _refused(path, "import_failed", say(view.problem), {"import_id": view.id})
    if view.counts["new"] + view.counts["updated"] + view.counts["unchanged"] + view.counts["quarantined"]:
        return told
    with contextlib.suppress(DomainError):
        actions.discard_import(actor=Actor.system(), import_id=view.id, now=now())
        told["error"]["data"] = {}
    return told


def _refused(path: Path, code: str, message: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"file": path.name, "error": {"code": code, "message": message, "data": data}}


def _refresh() -> None:
    """Bring lake, scores and today's list up to date here, unless a worker does it."""
    from yutang.foundation import jobs, queries

    if not queries.live_workers(now=now()):
        jobs.run_worker(until_idle=True, schedules=False)


def _exit_code(result: dict[str, Any]) -> int:
    if "error" in result:
        return REFUSED
    return QUARANTINED if result["quarantined"] else DONE


def _mapping(text: str) -> dict[str, str] | None:
    """Return --map as a mapping; a pair without = is refused."""
    if not text:
        return None
    mapping = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not (field and equals and column):
            raise MappingIsUnreadable(part=pair)
        mapping[field] = column
    return mapping


def _show_results(console: Console, results: list[dict[str, Any]]) -> None:
    """Print one import in full, several as a list, and before them what was refused."""
    for result in results:
        if "error" in result:
            console.print(f"✗ {result['file']}: {result['error']['message']}", style="red", markup=False)
    done = [result for result in results if "error" not in result]
    if len(done) == 1:
        _show_one(console, done[0])
    elif done:
        _show_list(console, done)
    for warning in dict.fromkeys(say(w) for r in done for w in r["warnings"]):
        console.print(f"! {warning}", style="yellow", markup=False)
    if any(r["quarantined"] for r in done):
        console.print(_("Some rows could not be taken. See them with: yutang imports kept NUMBER"))


def _show_one(console: Console, one: dict[str, Any]) -> None:
    """Print an import as one line a thing that can be said of it."""
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True, style="dim")
    lines.add_column(overflow="fold")
    for label, value in _told(one):
        lines.add_row(label, Text(value))
    console.print(lines)


def _told(one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    number = f"#{one['import_id']}" if one["import_id"] else "—"
    yield _("Import"), f"{number}  {one['file']}"
    yield _("Status"), _status(one)
    if one["problem"]:
        yield _("Reason"), say(one["problem"])
    yield _("Brought"), _moment(one["created_at"])
    yield (
        _("Format"),
        " · ".join(filter(None, (say(one["format_title"]), one["encoding"].removesuffix("-sig").upper()))),
    )
    yield _("Rows"), f"{one['rows_read']:,}"
    for title, count in zip(_titles(), _COUNTS, strict=True):
        yield f"  {_(title)}", f"{one[count]:,}"
    for why in one["ignored_why"].values():
        yield "", f"{why['rows']:,}  {say(why['reason'])}"
    yield _("Orders"), f"{one['orders']:,}"
    yield _("Customers"), f"{one['customers']:,}"
    if len(one["currencies"]) > 1:
        yield (
            _("Money"),
            _("in several currencies, which are not added up: %(known)s") % {"known": ", ".join(one["currencies"])},
        )
    elif any(one["amount_minor"].values()):
        yield _("Money"), _money(one, "read")
        for title, name in _AMOUNTS:
            if not one["amount_minor"][name]:
                continue
            yield f"  {_(title)}", _money(one, name)


def _show_list(console: Console, several: list[dict[str, Any]]) -> None:
    table = Table(padding=(0, 0), collapse_padding=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(_("File"), overflow="fold")
    for title in (_("Status"), _("Brought")):
        table.add_column(title, no_wrap=True)
    for title in (_("Rows"), _("New"), _("Kept back")):
        table.add_column(title, justify="right", no_wrap=True)
    for one in several:
        counts = [f"{one[count]:,}" for count in ("rows_read", "new", "quarantined")]
        number = str(one["import_id"] or "—")
        table.add_row(number, Text(one["file"]), _status(one), _moment(one["created_at"]), *counts)
    console.print(table)


def _status(one: dict[str, Any]) -> str:
    from yutang.ingest.queries import status_title

    return status_title(one["status"])


def _moment(at: datetime) -> str:
    from django.utils import timezone

    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _money(one: dict[str, Any], name: str) -> str:
    return say(Sentence("%(sum_minor)s", {"sum_minor": one["amount_minor"][name], "currency": one["currency"]}))


def _titles() -> tuple[str, ...]:
    return (N_("New"), N_("Updated"), N_("Unchanged"), N_("Kept back"), N_("Ignored"))
