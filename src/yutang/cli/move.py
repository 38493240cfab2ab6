"""`yutang move`: the embedded store to PostgreSQL, every row compared on both sides."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _

if TYPE_CHECKING:
    from yutang.foundation.moving import MoveReport

#: Tables that a person is shown; the rest is in the sum.
_MOST_SHOWN = 12


def register(parent: typer.Typer) -> None:
    """Add the command of this file."""
    parent.command(help=_("Move the SQLite store to PostgreSQL; cut off, the same command goes on."))(move)


@command
def move(
    to: Annotated[str, typer.Option("--to", help=_("Address of an empty database: postgresql://user@host:5432/name."))],
    check: Annotated[
        bool, typer.Option("--check", help=_("Only compare both sides of a finished move again; change nothing."))
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Move the store, or compare both sides."""
    from yutang.foundation.access import Actor
    from yutang.foundation.moving import compare_stores, move_store

    title = _("Comparing both sides") if check else _("Moving the store")
    with progress_bar(title) as told:
        if check:
            report = compare_stores(actor=Actor.system(), to=to, told=told)
        else:
            report = move_store(actor=Actor.system(), to=to, make_tables=lambda: _make_tables(to), told=told, now=now())
    return Answer(_as_json(report), lambda console: _show(console, report, checked=check))


def _make_tables(address: str) -> None:
    """Bring the tables of the database up to date, in a process whose store it is."""
    from yutang.foundation.moving.refusals import TargetCannotBePrepared

    child = subprocess.run(
        [sys.executable, "-m", "yutang.cli.main", "migrate"],
        env={**os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )
    if child.returncode:
        raise TargetCannotBePrepared(detail=(child.stderr.strip() or child.stdout.strip())[-500:])


def _as_json(report: MoveReport) -> dict[str, Any]:
    return {
        "tables": [{"table": each.table, "rows": each.rows, "digest": each.digest} for each in report.tables],
        "rows": report.rows,
        "moved_now": report.moved,
        "seconds": {step: round(seconds, 2) for step, seconds in report.seconds.items()},
    }


def _show(console: Console, report: MoveReport, *, checked: bool) -> None:
    table = Table(_("Table"), _("Rows"), _("Digest of the rows, the same on both sides"))
    largest = sorted(report.tables, key=lambda each: -each.rows)[:_MOST_SHOWN]
    for each in largest:
        table.add_row(each.table, f"{each.rows:,}", each.digest)
    rest = len(report.tables) - len(largest)
    table.add_row(
        _("and %(count)s further tables") % {"count": rest}, f"{report.rows - sum(t.rows for t in largest):,}", ""
    )
    console.print(table)
    values = {
        "rows": f"{report.rows:,}",
        "tables": len(report.tables),
        "seconds": f"{sum(report.seconds.values()):,.0f}",
    }
    if checked:
        console.print(_("Both sides hold the same %(rows)s rows in %(tables)s tables.") % values)
        return
    console.print(
        _("Moved and compared: %(rows)s rows in %(tables)s tables, in %(seconds)s seconds.") % values, soft_wrap=True
    )
    console.print(
        _(
            "Now set DATABASE_URL to the address of the database for every process, keep YUTANG_HOME with keys.json and the "
            "files in it, and run: yutang doctor, then yutang lake rebuild, then yutang up. The SQLite file stays as it was; "
            "delete it when you are sure."
        ),
        soft_wrap=True,
    )
