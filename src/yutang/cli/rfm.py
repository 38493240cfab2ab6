"""`yutang rfm`: the grid of recency and frequency, how customers moved in a month, who stands in a cell, and the rules."""

from __future__ import annotations

import csv
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.review import Store, stores_of
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.money import from_minor
from yutang.kit.text import N_, Sentence, filled

if TYPE_CHECKING:
    from yutang.insight.queries import RfmAsked, RfmGrid, RfmMovement, RfmRules

app = typer.Typer(
    no_args_is_help=True, help=_("Grades of recency, frequency and money: grid, movement, customers, rules.")
)

AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", formats=["%Y-%m-%d"], help=_("Last day that counts; without it, the last day with a sale.")
    ),
]
Group = Annotated[
    str | None,
    typer.Option("--group", help=_("Only who is graded in this group, by key; `rfm grid --json` names them.")),
]
Grades = Annotated[list[int] | None, typer.Option(min=1, max=5, help=_("Grade from 1 to 5; may be repeated."))]
#: So many groups a refusal names.
_NAMED = 10
_METHODS = {"quintiles": N_("quintiles"), "thresholds": N_("fixed thresholds")}
_WITHIN = {
    "chain": N_("the whole chain"),
    "region": N_("each region"),
    "store": N_("each store"),
    "platform": N_("each platform"),
}


class GroupIsUnknown(DomainError):
    """Nobody is graded in the group that was asked for."""

    code: ClassVar[str] = "group_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Nobody is graded in a group “%(asked)s”. Groups here: %(known)s.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="rfm")


@app.command(help=_("Show how many customers stand in each cell of recency and frequency."))
@command
def grid(as_of: AsOf = None, store: Store = None, group: Group = None, as_json: Json = False) -> Answer:
    """Show the grid."""
    from yutang.insight.queries import rfm_grid

    found = rfm_grid(**_asking(), asked=_asked(as_of, store, group))
    return Answer(_grid_data(found), lambda console: _show_grid(console, found))


@app.command(help=_("Show how customers moved between cells within the month up to a day."))
@command
def movement(as_of: AsOf = None, store: Store = None, group: Group = None, as_json: Json = False) -> Answer:
    """Show the movement."""
    from yutang.insight.queries import rfm_movement

    found = rfm_movement(**_asking(), asked=_asked(as_of, store, group))
    if found is None:
        return Answer({"moves": []}, _("Orders are not known a month before that day."))
    return Answer(_movement_data(found), lambda console: _show_movement(console, found))


@app.command(help=_("List the customers of some cells by their keys, or write them as CSV with masked names."))
@command
def customers(
    r: Grades = None,
    f: Grades = None,
    as_of: AsOf = None,
    store: Store = None,
    group: Group = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("How many customers."))] = 50,
    after: Annotated[str | None, typer.Option("--after", help=_("`next` of the page before."))] = None,
    output: Annotated[Path | None, typer.Option("--out", help=_("Write all of them to this file."))] = None,
    as_json: Json = False,
) -> Answer:
    """List the customers of cells."""
    from yutang.insight.queries import GRADES, rfm_customers

    rs, fs, asked = r or list(GRADES), f or list(GRADES), _asked(as_of, store, group)
    if output is not None:
        return _exported(output, rs, fs, asked)
    found = rfm_customers(**_asking(), rs=rs, fs=fs, asked=asked, after=after, limit=limit)
    data = {
        "as_of": _last_day(found.as_of),
        "count": found.count,
        "spend_minor": found.spend_minor,
        "currency": found.currency,
        "next": found.next_key,
        "customers": [asdict(one) for one in found.customers],
    }

    def show(console: Console) -> None:
        table = Table(_("Customer"), "R", "F", "M", _("Days since the last order"), _("Orders"), _("Spent"))
        for one in found.customers:
            spent = f"{from_minor(one.spend_minor, currency=found.currency):,}"
            grades = (one.r, one.f, one.m, one.recency_days, one.orders)
            table.add_row(str(one.customer_id), *map(str, grades), spent)
        console.print(table)
        console.print(filled(_("%(n)s customers in all."), {"n": f"{found.count:,}"}), markup=False)

    return Answer(data, show)


@app.command(help=_("Show by what customers are graded, or change it."))
@command
def rules(
    method: Annotated[str | None, typer.Option("--method", help=_("quintiles or thresholds."))] = None,
    within: Annotated[str | None, typer.Option("--within", help=_("chain, region, store or platform."))] = None,
    recency: Annotated[
        str | None, typer.Option("--recency", help=_("Four thresholds of recency in days, as 30,90,180,365."))
    ] = None,
    orders: Annotated[
        str | None, typer.Option("--orders", help=_("Four thresholds of frequency in orders, as 2,3,5,10."))
    ] = None,
    spend: Annotated[
        str | None, typer.Option("--spend", help=_("Four thresholds of money in whole units, as 100,300,800,2000."))
    ] = None,
    as_json: Json = False,
) -> Answer:
    """Show or change the rules."""
    from yutang.foundation.access import Actor
    from yutang.insight.queries import rfm_rules
    from yutang.insight.rfm import spend_limits
    from yutang.insight.rfm_actions import change_rfm_rules

    said = {"method": method, "within": within, "recency_days": recency, "orders": orders}
    changes: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    for name in ("recency_days", "orders"):
        if name in changes:
            changes[name] = _numbers(changes[name])
    if spend is not None:
        changes["spend_minor"] = spend_limits(_numbers(spend), currency=_currency())
    found = change_rfm_rules(actor=Actor.system(), changes=changes, now=now()) if changes else rfm_rules()
    return Answer(found.as_json(), lambda console: _show_rules(console, found, changed=bool(changes)))


def _asking() -> dict[str, Any]:
    from yutang.foundation.access import Actor
    from yutang.insight.lake_reading import business_today

    return {"access": Actor.system(), "today": business_today(now())}


def _asked(as_of: datetime | None, store: list[str] | None, group: str | None) -> RfmAsked:
    from yutang.insight.queries import RfmAsked, rfm_grid

    asked = RfmAsked(as_of.date() + timedelta(days=1) if as_of else None, stores_of(store), group)
    if group is not None:
        known = rfm_grid(**_asking(), asked=replace(asked, group_key=None)).groups
        if group not in known:
            raise GroupIsUnknown(asked=group, known=", ".join(list(known)[:_NAMED]) or Sentence(N_("none")))
    return asked


def _currency() -> str:
    from yutang.insight.queries import rfm_grid

    return rfm_grid(**_asking()).currency


def _numbers(text: str) -> list[Any]:
    """Return the numbers of a list with commas; what is no number stays as it is, to be refused."""
    parts = [part.strip() for part in text.split(",")]
    return [int(part) if part.lstrip("-").isdecimal() else part for part in parts]


def _last_day(exclusive: date | None) -> date | None:
    return exclusive - timedelta(days=1) if exclusive else None


def _exported(output: Path, rs: list[int], fs: list[int], asked: RfmAsked) -> Answer:
    from yutang.cli.imports import FileCouldNotBeWritten
    from yutang.insight.rfm_actions import export_graded

    asking = _asking()
    exported = export_graded(actor=asking["access"], today=asking["today"], rs=rs, fs=fs, asked=asked, now=now())
    try:
        with output.open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows(exported.rows(say))
    except OSError as error:
        raise FileCouldNotBeWritten(file=str(output), detail=str(error.strerror)) from error
    rows = len(exported.customers)
    said = filled(_("%(rows)s customers were written to %(file)s."), {"rows": f"{rows:,}", "file": output})
    return Answer({"file": str(output), "rows": rows}, said)


def _grid_data(found: RfmGrid) -> dict[str, Any]:
    from yutang.foundation.access import Actor
    from yutang.insight.queries import CELL_GROUPS, names_of_groups

    names = names_of_groups(access=Actor.system(), rules=found.rules, keys=found.groups)
    return {
        "as_of": _last_day(found.as_of),
        "currency": found.currency,
        "rules": found.rules.as_json(),
        "customers": found.customers,
        "cells": [asdict(cell) for cell in found.cells],
        "recency_days": {str(grade): list(pair) for grade, pair in sorted(found.days.items())},
        "orders": {str(grade): list(pair) for grade, pair in sorted(found.orders.items())},
        "cell_groups": [
            {
                "code": one.code,
                "title": _(one.title),
                "r": list(one.rs),
                "f": list(one.fs),
                "customers": found.within(one),
            }
            for one in CELL_GROUPS
        ],
        "groups": [
            {"key": key, "name": name if isinstance(name, str) else say(name), "customers": found.groups[key]}
            for key, name in names.items()
        ],
    }


def _show_grid(console: Console, found: RfmGrid) -> None:
    from yutang.insight.queries import CELL_GROUPS, GRADES

    if found.as_of is None:
        console.print(_("No orders are known yet."))
        return
    console.print(_said_of(found.rules), markup=False)
    heads = [f"F{f} {_span(found.orders.get(f))}" for f in GRADES]
    table = Table(_("Recency ↓ Frequency →"), *heads, title=str(_last_day(found.as_of)))
    for r in reversed(GRADES):
        cells = [f"{found.cell(r=r, f=f).customers:,}" for f in GRADES]
        table.add_row(f"R{r} {_span(found.days.get(r))}", *cells)
    console.print(table)
    groups = Table(_("Named group"), _("Customers"), _("Share"))
    for one in CELL_GROUPS:
        count = found.within(one)
        groups.add_row(_(one.title), f"{count:,}", f"{count / found.customers:.0%}" if found.customers else "-")
    console.print(groups)


def _span(pair: tuple[int, int] | None) -> str:
    return "" if pair is None else f"({pair[0]})" if pair[0] == pair[1] else f"({pair[0]}-{pair[1]})"


def _movement_data(found: RfmMovement) -> dict[str, Any]:
    names = ("from_r", "from_f", "r", "f", "customers")
    return {
        "since": _last_day(found.since),
        "as_of": _last_day(found.as_of),
        "moves": [dict(zip(names, move, strict=True)) for move in found.moves],
        "net": [{"r": r, "f": f, "customers": net} for (r, f), net in found.net.items()],
        "between_groups": [
            {"from": before, "to": after, "customers": customers}
            for (before, after), customers in sorted(found.between_groups.items())
        ],
    }


def _show_movement(console: Console, found: RfmMovement) -> None:
    from yutang.insight.queries import CELL_GROUPS, GRADES

    between, net = found.between_groups, found.net
    heads = [_(one.title) for one in CELL_GROUPS]
    table = Table(_("From ↓ To →"), *heads, title=f"{_last_day(found.since)} → {_last_day(found.as_of)}")
    for code, title in (("", _("Not a buyer yet")), *((one.code, _(one.title)) for one in CELL_GROUPS)):
        table.add_row(title, *(f"{between.get((code, one.code), 0):,}" for one in CELL_GROUPS))
    console.print(table)
    cells = Table(_("Recency ↓ Frequency →"), *(f"F{f}" for f in GRADES), title=_("Net change"))
    for r in reversed(GRADES):
        cells.add_row(f"R{r}", *(f"{net[r, f]:+,}" for f in GRADES))
    console.print(cells)


def _said_of(rules: RfmRules) -> str:
    return _("Graded by %(method)s within %(within)s.") % {
        "method": _(_METHODS[rules.method]),
        "within": _(_WITHIN[rules.within]),
    }


def _show_rules(console: Console, rules: RfmRules, *, changed: bool) -> None:
    console.print(_said_of(rules), markup=False)
    if rules.method == "thresholds":
        console.print(_thresholds(rules))
    if changed:
        console.print(
            _("The scores follow with the next refresh, which was asked for: yutang worker does it."), markup=False
        )


def _thresholds(rules: RfmRules) -> Table:
    table = Table(_("Threshold"), "5", "4", "3", "2")
    table.add_row(_("R: at most so many days since the last order"), *map(str, rules.recency_days))
    currency = _currency()
    spend = [f"{from_minor(each, currency=currency):,}" for each in reversed(rules.spend_minor)]
    table.add_row(_("F: orders, at least"), *map(str, reversed(rules.orders)))
    table.add_row(_("M: spent, at least"), *spend)
    return table
