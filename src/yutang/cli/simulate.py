"""`yutang simulate`: a made-up chain with export files of any size and the truth beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _
from yutang.kit.text import N_, Sentence, filled

#: What the simulator tells it is doing.
_STEPS = {"people": N_("Drawing people"), "orders": N_("Writing orders")}


def register(parent: typer.Typer) -> None:
    """Add the command of this file."""
    parent.command(
        "simulate",
        help=_("Make a chain of stores that does not exist: export files in real formats, and the truth about them."),
    )(simulate)


@command
def simulate(
    out: Annotated[
        Path, typer.Option("--out", help=_("Folder to fill; a new one, or an earlier simulation to replace."))
    ],
    seed: Annotated[int, typer.Option("--seed", help=_("Equal seeds make equal files."))] = 7,
    customers: Annotated[int, typer.Option("--customers", help=_("How many people."))] = 6000,
    stores: Annotated[int, typer.Option("--stores", help=_("How many stores."))] = 8,
    from_date: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help=_("First day; 548 days before the end by default.")),
    ] = None,
    to_date: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help=_("Day after the last one; today by default."))
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", help=_("all, or till, youzan, wechat_shop, taobao, jd, pdd, douyin; may be repeated.")
        ),
    ] = None,
    lines: Annotated[
        int | None,
        typer.Option("--lines", help=_("Exact rows of the Taobao order report; as many people as that takes.")),
    ] = None,
    dirty: Annotated[
        float, typer.Option("--dirty", min=0, max=1, help=_("Share of orders whose row cannot be read as it stands."))
    ] = 0.002,
    tidy: Annotated[
        bool, typer.Option("--tidy", help=_("No shared, masked or recycled phones, no dirty rows."))
    ] = False,
    as_json: Json = False,
) -> Answer:
    """Simulate a chain."""
    from yutang.simulator import run
    from yutang.simulator.plan import PLATFORMS, Plan

    end = to_date.date() if to_date else (now() + timedelta(hours=8)).date()
    begin = from_date.date() if from_date else end - timedelta(days=548)
    asked = tuple(formats or ("all",))
    platforms = PLATFORMS if "all" in asked else asked
    plan = Plan(
        seed=seed, customers=customers, stores=stores, from_date=begin, to_date=end, platforms=platforms, lines=lines
    )
    plan = plan.tidy() if tidy else replace(plan, untidiness=replace(plan.untidiness, dirty=dirty))
    with progress_bar(_("Simulating")) as told:
        made = run.simulate(plan, out, progress=lambda step, done, total: told(done, total, Sentence(_STEPS[step])))

    def show(console: Console) -> None:
        table = Table(_("File"), _("Rows"))
        for file in made.files:
            table.add_row(file.path, f"{file.rows:,}")
        console.print(table)
        counts = {"people": f"{made.people:,}", "orders": f"{sum(made.orders.values()):,}", "folder": str(made.folder)}
        console.print(filled(_("%(people)s people, %(orders)s orders in %(folder)s."), counts), markup=False)

    return Answer(made.as_json(), show)
