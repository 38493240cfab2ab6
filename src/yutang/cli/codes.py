"""`yutang codes`: channel codes with what they brought, sheets to print, who answers now."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.codes.views import CodeRow, CodeView

app = typer.Typer(no_args_is_help=True, help=_("Channel codes: what they brought, who answers, sheets to print."))


class LayoutIsUnknown(DomainError):
    """There is no such layout."""

    code: ClassVar[str] = "layout_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no sheet “%(layout)s”. There are: %(known)s.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="codes")


@app.command("list", help=_("Show every channel code with who came, who stayed and what that cost."))
@command
def list_codes(as_json: Json = False) -> Answer:
    """Show the codes."""
    from yutang.codes import queries
    from yutang.foundation.access import Actor

    found = queries.codes(access=Actor.system(), now=now())
    told = [{**asdict(row), "tally": _told(row)} for row in found]
    return Answer({"codes": told}, lambda console: _show(console, found))


@app.command(help=_("Show one channel code: its places, who answers there now, and its staff."))
@command
def show(name: Annotated[str, typer.Argument(help=_("Name of the code."))], as_json: Json = False) -> Answer:
    """Show a code."""
    from yutang.codes import queries
    from yutang.foundation.access import Actor

    system = Actor.system()
    code_id = queries.code_named(access=system, name=name)
    view = queries.code_view(access=system, code_id=code_id, now=now())
    return Answer({"code": asdict(view)}, lambda console: _show_one(console, view))


@app.command("print", help=_("Write the sheets of a channel code as PDF, one QR code for each place."))
@command
def print_sheets(
    name: Annotated[str, typer.Argument(help=_("Name of the code."))],
    file: Annotated[Path, typer.Argument(dir_okay=False, help=_("The PDF to write."))],
    layout: Annotated[str, typer.Option("--layout", help=_("poster, sign, card or badge."))] = "poster",
    title: Annotated[str, typer.Option("--title", help=_("What stands large, for who scans."))] = "扫码添加我们",
    copies: Annotated[int, typer.Option("--copies", min=1, max=500, help=_("Copies of each."))] = 1,
    as_json: Json = False,
) -> Answer:
    """Write the sheets."""
    from yutang.codes import queries
    from yutang.codes.sheets import LAYOUTS, pdf_of
    from yutang.foundation.access import Actor

    if layout not in LAYOUTS:
        raise LayoutIsUnknown(layout=layout[:40], known=", ".join(LAYOUTS))
    system = Actor.system()
    labels = queries.labels(access=system, code_id=queries.code_named(access=system, name=name), title=title)
    file.write_bytes(pdf_of([one for one in labels for _copy in range(copies)], layout=layout))
    told = _("%(n)s codes were written to %(file)s.") % {"n": len(labels) * copies, "file": file}
    return Answer({"file": str(file), "codes": len(labels) * copies}, lambda console: console.print(told))


@app.command(help=_("Make missing QR codes and tell WeCom who is on duty now, as a worker does each minute."))
@command
def keep(as_json: Json = False) -> Answer:
    """Do what the job does, once."""
    from django.db import transaction

    from yutang.codes.tasks import keep_codes
    from yutang.foundation import jobs

    with transaction.atomic():
        job_id = jobs.enqueue(keep_codes, {}, now=now())
    done: dict[str, int] = jobs.run_inline(job_id)
    told = _("%(made)s made, %(moved)s moved, %(failed)s refused by WeCom.") % done
    return Answer(done, lambda console: console.print(told))


def _told(row: CodeRow) -> dict[str, Any]:
    tally = row.tally
    return {**asdict(tally), "lost": tally.lost, "cost_per_kept_minor": tally.cost_per_kept_minor}


def _show(console: Console, found: tuple[CodeRow, ...]) -> None:
    table = Table(
        _("Code"),
        _("Standing"),
        _("Scans"),
        _("Came"),
        _("Stayed 7 days"),
        _("Lost"),
        _("Orders"),
        _("Cost of one who stayed"),
    )
    for row in found:
        tally = row.tally
        each = "—" if tally.cost_per_kept_minor is None else f"{tally.cost_per_kept_minor / 100:.2f}"
        cells = [row.name, row.standing, tally.scans, tally.came, f"{tally.kept_7}/{tally.ripe_7}", tally.lost]
        table.add_row(*map(str, [*cells, tally.orders, each]))
    console.print(table)


def _show_one(console: Console, view: CodeView) -> None:
    table = Table(_("Place"), _("State"), _("On duty"), _("Scans"), _("Came"), _("Still friends"))
    for one in view.spots:
        cells = [one.name, one.fault or one.state or "—", "、".join(one.staff) or "—", one.scans, one.came, one.friends]
        table.add_row(*map(str, cells))
    console.print(table)
