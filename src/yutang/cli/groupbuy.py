"""`yutang groupbuy` and `yutang payments`: offers, groups, what follows the clock, and whether the books are right."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _

if TYPE_CHECKING:
    from yutang.groupbuy.views import CampaignView, GroupView, Tally

offers_app = typer.Typer(no_args_is_help=True, help=_("Group-buying: offers and groups."))
payments_app = typer.Typer(no_args_is_help=True, help=_("Payments: the books, and refunds."))


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(offers_app, name="groupbuy")
    parent.add_typer(payments_app, name="payments")


@offers_app.command(help=_("Show every group-buying offer and what became of its groups."))
@command
def offers(as_json: Json = False) -> Answer:
    """Show the offers."""
    from yutang.foundation.access import Actor
    from yutang.groupbuy import queries
    from yutang.groupbuy.views import Tally

    counted = queries.tallies(access=Actor.system())
    found = [(view, counted.get(view.id, Tally())) for view in queries.campaigns(access=Actor.system())]
    told = [{**asdict(view), **asdict(tally)} for view, tally in found]
    return Answer({"offers": told}, lambda console: _show_offers(console, found))


@offers_app.command(help=_("Show the groups of an offer, with their odds of filling."))
@command
def groups(
    offer: Annotated[str, typer.Argument(help=_("Short name of the offer."))],
    as_json: Json = False,
) -> Answer:
    """Show groups."""
    from yutang.foundation.access import Actor
    from yutang.groupbuy import queries

    view = queries.campaign_named(access=Actor.system(), code=offer)
    found = queries.groups(access=Actor.system(), campaign_id=view.id, limit=200, now=now()).rows
    return Answer({"groups": [asdict(one) for one in found]}, lambda console: _show_groups(console, found))


@offers_app.command(help=_("Free places that were not paid, and end groups whose time is over, now."))
@command
def follow(as_json: Json = False) -> Answer:
    """Do what the clock does each minute."""
    from yutang.foundation.access import Actor
    from yutang.groupbuy import actions

    system, at = Actor.system(), now()
    told = {
        "freed": actions.lapse_holds(actor=system, now=at),
        "ended": actions.end_groups(actor=system, now=at),
        "counted": actions.count_courses(actor=system, now=at),
    }
    words = _("%(freed)s places were freed, %(ended)s groups ended.") % told
    return Answer(told, lambda console: console.print(words))


@payments_app.command(help=_("Show every account of the ledger, and whether the books are right."))
@command
def check(as_json: Json = False) -> Answer:
    """Look at the books."""
    from yutang.foundation.access import Actor
    from yutang.payments import queries

    system = Actor.system()
    wrong, found = queries.unbalanced(access=system), queries.balances(access=system)
    told = {"balances": [asdict(one) for one in found], "wrong": [{"what": what, "off": off} for what, off in wrong]}
    return Answer(told, lambda console: _show_books(console, found, wrong))


@payments_app.command(name="send-refunds", help=_("Send refunds that are due to their providers, now."))
@command
def send_refunds(as_json: Json = False) -> Answer:
    """Send refunds."""
    from yutang.foundation.access import Actor
    from yutang.payments import actions

    told = actions.send_refunds(actor=Actor.system(), now=now())
    words = _("%(n)s refunds were done.") % {"n": told.get("done", 0)}
    return Answer({"sent": told}, lambda console: console.print(words))


def _show_offers(console: Console, found: list[tuple[CampaignView, Tally]]) -> None:
    table = Table(
        _("Offer"), _("Name"), _("State"), _("Filling"), _("Filled"), _("Not filled"), _("Members"), _("Left to sell")
    )
    for view, tally in found:
        row: list[Any] = [view.code, view.name, view.state, tally.open, tally.filled, tally.expired, tally.members]
        table.add_row(*map(str, [*row, view.left]))
    console.print(table)


def _show_groups(console: Console, found: tuple[GroupView, ...]) -> None:
    table = Table(_("Buying group"), _("State"), _("Paid"), _("Size"), _("Odds"), _("Ends or ended"))
    for one in found:
        share = one.odds.share if one.odds else None
        row: list[Any] = [one.code, one.state, one.paid, one.size, "—" if share is None else f"{share:.0%}"]
        table.add_row(*map(str, [*row, one.ends_at.isoformat(timespec="minutes")]))
    console.print(table)


def _show_books(console: Console, found: Any, wrong: list[tuple[str, int]]) -> None:
    table = Table(_("Account"), _("Currency"), _("Amount in minor units"))
    for one in found:
        table.add_row(one.account, one.currency, str(one.minor))
    console.print(table)
    console.print(_("The books are right.") if not wrong else _("The books do not add up: %(what)s") % {"what": wrong})
