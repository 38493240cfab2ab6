"""`yutang privacy`: erase a person, and see the receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now, progress_bar
from yutang.cli.text import _, say
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.privacy.views import ErasureView

app = typer.Typer(no_args_is_help=True, help=_("Privacy: erase people, and see what was erased and what stays."))


class ErasureIsNotConfirmed(DomainError):
    """Nobody said that it is meant."""

    code: ClassVar[str] = "erasure_is_not_confirmed"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("Customer %(customer_id)s would be erased for good. Repeat the command with --yes.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="privacy")


@app.command(help=_("Erase a customer for good, in every room; nobody can take this back."))
@command
def erase(
    customer_id: Annotated[int, typer.Argument(help=_("Number of the customer."))],
    reason: Annotated[str, typer.Option("--reason", help=_("Why; it stands in the audit log. Write no name."))],
    sure: Annotated[bool, typer.Option("--yes", help=_("It is meant: without it nothing is erased."))] = False,
    as_json: Json = False,
) -> Answer:
    """Erase a customer; without a live worker it is done here."""
    from yutang.foundation import jobs, queries
    from yutang.foundation.access import Actor
    from yutang.privacy.actions import ask_to_erase
    from yutang.privacy.queries import erasure

    if not sure:
        raise ErasureIsNotConfirmed(customer_id=customer_id)
    erasure_id, job_id = ask_to_erase(actor=Actor.system(), customer_id=customer_id, reason=reason, now=now())
    if not queries.live_workers(now=now()):
        with progress_bar(_("Erasing")) as told:
            jobs.run_inline(job_id, told=told)
    one = erasure(access=Actor.system(), erasure_id=erasure_id)
    return Answer({**_as_data(one), "job_id": job_id}, lambda console: _show(console, one))


@app.command(help=_("Show the last erasures with what was erased and what stays."))
@command
def erasures(
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help=_("How many."))] = 20, as_json: Json = False
) -> Answer:
    """Show the last erasures, the latest first."""
    from yutang.foundation.access import Actor
    from yutang.privacy import queries

    found = queries.erasures(access=Actor.system(), most=limit)

    def words(console: Console) -> None:
        for one in found:
            _show(console, one)

    return Answer({"erasures": [_as_data(one) for one in found]}, words if found else _("Nobody was erased."))


def _as_data(one: ErasureView) -> dict[str, Any]:
    return {
        "id": one.id,
        "customer_id": one.number,
        "records": one.records,
        "state": one.state,
        "reason": one.reason,
        "stopped_by": say(one.stopped_by) if one.stopped_by else None,
        "asked_at": one.asked_at,
        "done_at": one.done_at,
        "receipt": {line.room: line.rows for line in one.receipt},
    }


def _show(console: Console, one: ErasureView) -> None:
    from yutang.privacy.queries import ERASURE_TITLES, STAYING

    values = {"id": one.number, "state": _(ERASURE_TITLES[one.state])}
    console.print(_("Customer %(id)s: %(state)s.") % values, style="bold")
    if one.stopped_by:
        console.print(say(one.stopped_by))
    table = Table(_("Where"), _("Rows"), _("What stays, and why"))
    for line in one.receipt:
        table.add_row(_(line.title), f"{line.rows:,}", _(line.kept) if line.kept else "")
    console.print(table)
    for why in STAYING.values():
        console.print(_(why), style="dim")
