"""`yutang economics` and `yutang referral`: what programmes cost and are worth, letting paused ones go on, links for customers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _

if TYPE_CHECKING:
    from yutang.economics.views import ProgrammeView
    from yutang.referral.views import ProgrammeView as ReferralView

economics_app = typer.Typer(no_args_is_help=True, help=_("Growth economics: what a kept newcomer costs and is worth."))
referral_app = typer.Typer(no_args_is_help=True, help=_("Referral: programmes and links."))


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    parent.add_typer(economics_app, name="economics")
    parent.add_typer(referral_app, name="referral")


@economics_app.command("list", help=_("Show every programme with what a kept newcomer costs and is worth."))
@command
def list_economics(as_json: Json = False) -> Answer:
    """Show the programmes."""
    from yutang.economics import queries
    from yutang.foundation.access import Actor

    found = queries.programmes(access=Actor.system())
    return Answer({"programmes": [asdict(one) for one in found]}, lambda console: _show_economics(console, found))


@economics_app.command(help=_("Look at a programme now, and pause it where its newcomers say so."))
@command
def look(
    programme: Annotated[str, typer.Argument(help=_("What it is called, such as referral:3."))], as_json: Json = False
) -> Answer:
    """Look at a programme."""
    from yutang.economics import actions, queries
    from yutang.foundation.access import Actor

    actions.look_at(actor=Actor.system(), programme=programme, now=now())
    view = queries.programme_view(access=Actor.system(), programme=programme)
    return Answer({"programme": asdict(view)}, lambda console: _show_economics(console, (view,)))


@economics_app.command(help=_("Let a paused programme go on, with a reason."))
@command
def resume(
    programme: Annotated[str, typer.Argument(help=_("What it is called, such as referral:3."))],
    reason: Annotated[str, typer.Argument(help=_("What is different now; the audit log keeps it."))],
    as_json: Json = False,
) -> Answer:
    """Let a programme go on."""
    from yutang.economics import actions
    from yutang.foundation.access import Actor

    actions.resume(actor=Actor.system(), programme=programme, reason=reason, now=now())
    told = _("“%(programme)s” goes on.") % {"programme": programme}
    return Answer({"programme": programme}, lambda console: console.print(told))


@referral_app.command("list", help=_("Show every referral programme and what became of its friends."))
@command
def list_referrals(as_json: Json = False) -> Answer:
    """Show the programmes."""
    from yutang.foundation.access import Actor
    from yutang.referral import queries

    found = queries.programmes(access=Actor.system())
    return Answer({"programmes": [asdict(one) for one in found]}, lambda console: _show_referrals(console, found))


@referral_app.command(help=_("Print the links of a customer who invites."))
@command
def link(
    programme_id: Annotated[int, typer.Argument(help=_("Number of the programme."))],
    customer_id: Annotated[int, typer.Argument(help=_("Key of the customer."))],
    as_json: Json = False,
) -> Answer:
    """Print the links."""
    from yutang.foundation.access import Actor
    from yutang.referral import actions, queries

    system = Actor.system()
    inviter_id = actions.invite(actor=system, programme_id=programme_id, customer_id=customer_id, now=now())
    invitation, progress = queries.links_of(access=system, inviter_id=inviter_id)
    told = {"invitation": invitation, "progress": progress}
    return Answer(told, lambda console: console.print(f"{invitation}\n{progress}"))


def _show_economics(console: Console, found: tuple[ProgrammeView, ...]) -> None:
    table = Table(_("Programme"), _("Name"), _("Paused"), _("Newcomers"), _("Left"), _("A kept one costs"), _("Worth"))
    for view in found:
        low = view.numbers.low_fen
        cost = "-" if low is None else f"{low / 100:.2f}+"
        paused = view.pause.reason if view.pause else _("no")
        row = [
            view.key,
            view.title,
            paused,
            view.numbers.newcomers,
            view.numbers.left,
            cost,
            f"{view.worth_fen / 100:.2f}" if view.brings_newcomers else "-",
        ]
        table.add_row(*map(str, row))
    console.print(table)


def _show_referrals(console: Console, found: tuple[ReferralView, ...]) -> None:
    table = Table(_("Programme"), _("Name"), _("State"), _("Paused"), _("Friends"), _("Did it"))
    for view in found:
        paused = _("yes") if view.is_paused else _("no")
        table.add_row(*map(str, [view.id, view.name, view.state, paused, view.tally.friends, view.tally.done]))
    console.print(table)
