"""`yutang visits`: the visits of a day, hours, following bookings; `yutang balances`: plans, one balance, the check of the ledger."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, ClassVar

import typer

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

app = typer.Typer(no_args_is_help=True, help=_("Visits: who comes, checking in."))
balances_app = typer.Typer(no_args_is_help=True, help=_("Prepaid balances: what is left, and the check of the ledger."))


class DayIsUnreadable(DomainError):
    """A day cannot be read."""

    code: ClassVar[str] = "day_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(value)s is no day. Write it like 2026-03-12.")


class LedgerIsWrong(DomainError):
    """A balance is not what its entries say."""

    code: ClassVar[str] = "ledger_is_wrong"
    http_status: ClassVar[int] = 500
    message: ClassVar[str] = N_(
        "Wallets %(wallets)s are not what their entries add up to. Stop topping up and spending, and restore a backup."
    )


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="visits")
    parent.add_typer(balances_app, name="balances")


@app.command("list", help=_("Show the visits of a day."))
@command
def list_visits(
    day: Annotated[str, typer.Option("--day", help=_("Which day; today if left out."))] = "", as_json: Json = False
) -> Answer:
    """Show the visits of a day."""
    from django.utils import timezone

    from yutang.foundation.access import Actor
    from yutang.visits import queries

    chosen = _day(day) if day else timezone.localtime(now()).date()
    found = queries.bookings(access=Actor.system(), first=chosen, last=chosen)
    table = Table(_("Number"), _("Time"), _("Store"), _("Customer"), _("State"), _("What led to it"))
    for one in found:
        state = _(queries.STATE_TITLES[one.state])
        table.add_row(
            str(one.id), f"{one.starts_at:%H:%M}", one.store_name, str(one.customer_id or ""), state, one.source
        )
    return Answer({"visits": [asdict(one) for one in found]}, lambda console: console.print(table))


@app.command("check-in", help=_("Check a customer in by the code of the visit."))
@command
def check_in(
    code: Annotated[str, typer.Argument(help=_("The code, as the customer shows it."))], as_json: Json = False
) -> Answer:
    """Check a customer in."""
    from yutang.foundation.access import Actor
    from yutang.visits import actions

    view = actions.check_in(actor=Actor.system(), code=code, now=now())
    told = _("Customer %(customer)s is checked in at %(store)s.") % {
        "customer": view.customer_id, "store": view.store_name,
    }  # fmt: skip
    return Answer({"visit": asdict(view)}, lambda console: console.print(told))


@balances_app.command(help=_("Show what a customer has left, and the latest movements."))
@command
def show(customer_id: Annotated[int, typer.Argument(help=_("Key of the customer."))], as_json: Json = False) -> Answer:
    """Show a balance."""
    from yutang.foundation.access import Actor
    from yutang.kit.money import from_minor
    from yutang.membership import queries

    system = Actor.system()
    left = queries.balance_of(access=system, customer_id=customer_id)
    lines = queries.statement_of(access=system, customer_id=customer_id).rows
    table = Table(_("When"), _("Movement of a balance"), _("Principal"), _("Bonus"))
    for one in lines:
        money = [str(from_minor(each, currency=one.currency)) for each in (one.principal_minor, one.bonus_minor)]
        table.add_row(f"{one.at:%Y-%m-%d %H:%M}", _(queries.KIND_TITLES[one.kind]), *money)
    return Answer(
        {"balance": asdict(left), "movements": [asdict(one) for one in lines]}, lambda console: console.print(table)
    )


@balances_app.command(help=_("Look whether the ledger balances and every wallet is what its entries add up to."))
@command
def check(as_json: Json = False) -> Answer:
    """Check the ledger."""
    from django.utils import timezone

    from yutang.foundation.access import Actor
    from yutang.membership import queries

    today = timezone.localtime(now()).date()
    books = queries.books(access=Actor.system(), first=date.min, last=today)
    wrong = queries.ledger_faults(access=Actor.system())
    if wrong or books.off_by_minor:
        raise LedgerIsWrong(wallets=", ".join(map(str, wrong)))
    return Answer({"books": asdict(books)}, lambda console: console.print(_("The ledger balances to zero.")))


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise DayIsUnreadable(value=written[:40]) from error
