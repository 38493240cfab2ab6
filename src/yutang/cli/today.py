"""`yutang today`: what to do for whom today, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _, say

if TYPE_CHECKING:
    from yutang.worklist.queries import KindReport, ProposalView, Today


def register(parent: typer.Typer) -> None:
    """Add the command of this file."""
    parent.command("today", help=_("Show what to do for whom today, and why."))(today)


@command
def today(
    refresh: Annotated[
        bool, typer.Option("--refresh", help=_("Bring lake, scores and list up to date first."))
    ] = False,
    staff: Annotated[str | None, typer.Option("--staff", help=_("Only the list of this log-in name."))] = None,
    results: Annotated[
        bool,
        typer.Option("--results", help=_("Show what became of the proposals of the last days, and what followed.")),
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=_("How many of each kind at most."))] = 50,
    as_json: Json = False,
) -> Answer:
    """Show today's list."""
    from yutang.foundation.access import Actor
    from yutang.foundation.queries import staff_for
    from yutang.insight.actions import follow_new_orders
    from yutang.insight.queries import latest_run
    from yutang.worklist.queries import today_for

    instant = now()
    if refresh:
        with progress_bar(_("Making today's list")):
            follow_new_orders(actor=Actor.system(), now=instant)
    if results:
        return _results(instant)
    owner_id = staff_for(username=staff).id if staff else None
    board = today_for(access=Actor.system(), now=instant, owner_id=owner_id, limit=limit)
    run = latest_run()
    data = {
        "day": board.day,
        "orders_known_before": run.as_of if run else None,
        "counts": {
            "open": board.counts.open,
            "overdue": board.counts.overdue,
            "snoozed": board.counts.snoozed,
            "done_today": board.counts.done_today,
            "not_useful_today": board.counts.not_useful_today,
            "by_kind": board.counts.by_kind,
        },
        "groups": [
            {
                "kind": group.kind.code,
                "title": _(group.kind.title),
                "advice": _(group.kind.advice),
                "total": group.total,
                "proposals": [_as_data(item) for item in group.items],
            }
            for group in board.groups
        ],
    }
    return Answer(data, lambda console: _show(console, board))


def _results(instant: datetime) -> Answer:
    from yutang.foundation.access import Actor
    from yutang.worklist.queries import kind_reports

    reports = kind_reports(access=Actor.system(), now=instant)
    return Answer({"kinds": [_result_as_data(one) for one in reports]}, lambda console: _show_results(console, reports))


def _result_as_data(report: KindReport) -> dict[str, Any]:
    effect = report.effect
    return {
        "kind": report.kind.code,
        "statuses": report.statuses,
        "outcomes": report.outcomes,
        "dismissals": report.dismissals,
        "followed_before": report.looked_before,
        "chance": round(report.chance, 4),
        "assumed_chance": report.kind.chance,
        "without_similar": report.without_similar,
        "sales_minor": report.sales_minor,
        "similar_sales_minor": report.similar_minor,
        "effect": asdict(effect) if effect else None,
    }


def _show_results(console: Console, reports: Sequence[KindReport]) -> None:
    if not reports:
        console.print(_("Nothing was proposed yet"))
        return
    table = Table(
        _("Kind"),
        _("Proposed"),
        _("Done"),
        _("Touched"),
        _("Ordered within 30 days"),
        _("Similar people"),
        _("Difference, points"),
        _("Chance that it helps"),
    )
    for one in reports:
        effect = one.effect
        table.add_row(
            _(one.kind.title),
            str(one.proposed),
            str(one.done),
            str(effect.touched) if effect else "0",
            f"{effect.ratio:.0%}" if effect else "—",
            f"{effect.similar_ratio:.0%}" if effect else "—",
            f"{100 * effect.difference:+.0f} ({100 * effect.low:+.0f} … {100 * effect.high:+.0f})" if effect else "—",
            f"{one.chance:.0%}" if one.kind.is_capped else "—",
        )
    console.print(table)


def _as_data(item: ProposalView) -> dict[str, Any]:
    return {
        "id": item.id,
        "customer_id": item.customer_id,
        "store_id": item.store_id,
        "owner": item.owner_name,
        "reason": say(item.reason),
        "reason_values": dict(item.reason.values),
        "subject": item.subject,
        "at_stake_minor": item.stake_minor,
        "chance": round(item.chance, 4),
        "expected_minor": item.rank,
        "proposed_on": item.proposed_on,
        "due_at": item.due_at,
        "overdue": item.is_overdue,
        "status": item.status,
    }


def _show(console: Console, board: Today) -> None:
    if not board.groups:
        console.print(_("Nothing to do today."))
    for group in board.groups:
        console.print(f"{_(group.kind.title)} ({group.total}): {_(group.kind.advice)}", style="bold", markup=False)
        table = Table(_("No."), _("Customer"), _("Why"), _("In charge"), _("Due"))
        for item in group.items:
            due = item.due_at.astimezone().strftime("%Y-%m-%d %H:%M")
            table.add_row(str(item.id), str(item.customer_id or ""), say(item.reason), item.owner_name, due)
        console.print(table)
