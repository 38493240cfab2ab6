"""`yutang coupons`: kinds and what became of them, giving, redeeming, codes of other shop systems."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.money import typed_minor
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.coupons.views import KindView, Tally

#: No amount is larger, in yuan.
_LARGEST = 10**10

app = typer.Typer(no_args_is_help=True, help=_("Coupons: kinds, giving, redeeming."))


class AmountIsUnreadable(DomainError):
    """An amount cannot be read."""

    code: ClassVar[str] = "amount_is_unreadable"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("%(value)s is no amount. Write it like 258 or 258.50.")


class StoreIsUnknown(DomainError):
    """There is no store of this code."""

    code: ClassVar[str] = "store_is_unknown"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("There is no store with the code %(store_code)s.")


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(app, name="coupons")


@app.command(help=_("Show every kind of coupon and what became of its pieces."))
@command
def kinds(as_json: Json = False) -> Answer:
    """Show the kinds."""
    from yutang.coupons import queries
    from yutang.coupons.views import Tally
    from yutang.foundation.access import Actor

    counted = queries.tallies(access=Actor.system(), now=now())
    found = [(view, counted.get(view.id, Tally())) for view in queries.kinds(access=Actor.system())]
    told = [{**asdict(view), **asdict(tally)} for view, tally in found]
    return Answer({"kinds": told}, lambda console: _show(console, found))


@app.command(help=_("Give a customer a coupon and print its code."))
@command
def give(
    kind: Annotated[str, typer.Argument(help=_("Short name of the kind."))],
    customer_id: Annotated[int, typer.Argument(help=_("Key of the customer."))],
    key: Annotated[
        str, typer.Option("--key", help=_("The same key never gives a second one; a new one if left out."))
    ] = "",
    as_json: Json = False,
) -> Answer:
    """Give a coupon."""
    from yutang.coupons import actions
    from yutang.foundation.access import Actor

    system = Actor.system()
    own = f"cli:{key or secrets.token_hex(8)}"
    coupon_id = actions.give_coupon(actor=system, kind=kind, customer_id=customer_id, key=own, now=now())
    code = actions.show_code(actor=system, coupon_id=coupon_id, now=now())
    return Answer({"coupon_id": coupon_id, "code": code}, lambda console: console.print(code))


@app.command(help=_("Redeem a coupon by its code."))
@command
def redeem(
    code: Annotated[str, typer.Argument(help=_("The code, as the customer shows it."))],
    store: Annotated[str, typer.Option("--store", help=_("Code of the store."))] = "",
    order: Annotated[str, typer.Option("--order", help=_("Number of the order."))] = "",
    amount: Annotated[str, typer.Option("--amount", help=_("Value of the order before the coupon."))] = "",
    as_json: Json = False,
) -> Answer:
    """Redeem a coupon."""
    from yutang.coupons import actions, queries
    from yutang.foundation.access import Actor

    system = Actor.system()
    sale = actions.Sale(_store(store), order, _minor(amount))
    coupon_id = actions.redeem_at_till(actor=system, code=code, sale=sale, now=now())
    view = queries.coupon_view(access=system, coupon_id=coupon_id, now=now())
    told = _("“%(name)s” is redeemed.") % {"name": view.kind_name}
    return Answer({"coupon": asdict(view)}, lambda console: console.print(told))


@app.command(help=_("Add codes of another shop system to a kind, from a file with a code a line."))
@command
def codes(
    kind: Annotated[str, typer.Argument(help=_("Short name of the kind."))],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=_("The file, as text or CSV."))],
    as_json: Json = False,
) -> Answer:
    """Add codes."""
    from yutang.coupons import actions, queries
    from yutang.coupons.code_lists import codes_in
    from yutang.foundation.access import Actor

    system = Actor.system()
    view = queries.kind_named(access=system, code=kind)
    added = actions.add_codes(actor=system, kind_id=view.id, written=codes_in(file.read_bytes()), now=now())
    told = _("%(n)s codes were new.") % {"n": added}
    return Answer({"added": added}, lambda console: console.print(told))


def _store(code: str) -> int | None:
    from yutang.foundation.access import Actor
    from yutang.foundation.queries import stores

    if not code:
        return None
    known = {one.code: one.id for one in stores(access=Actor.system())}
    if code not in known:
        raise StoreIsUnknown(store_code=code)
    return known[code]


def _minor(amount: str) -> int | None:
    if not amount:
        return None
    minor = typed_minor(amount, least=-_LARGEST, most=_LARGEST)
    if minor is None:
        raise AmountIsUnreadable(value=amount)
    return minor


def _show(console: Console, found: list[tuple[KindView, Tally]]) -> None:
    table = Table(_("Kind"), _("Name"), _("Is given out"), _("Given"), _("Redeemed"), _("Expired"), _("Left to give"))
    for view, tally in found:
        left = view.terms.pieces - view.given
        row: list[Any] = [view.code, view.name, _("yes") if view.is_open else _("no")]
        table.add_row(*map(str, [*row, tally.given, tally.redeemed, tally.expired, left]))
    console.print(table)
