"""`yutang delivery`: how messages get out, the emergency stop, and where platforms push to."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from yutang.cli import delivery_sandbox
from yutang.cli.output import Answer, Json, Table, command, now
from yutang.cli.text import _
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.channels.queries import DeliveryStatus

app = typer.Typer(
    no_args_is_help=True, help=_("Delivery: how messages get out, the emergency stop, where platforms push to.")
)

Channel = Annotated[str, typer.Option("--channel", help=_("wecom, group, sms, email, phone, or all."))]
Campaign = Annotated[str, typer.Option("--campaign", help=_("Key of a campaign or playbook."))]

_ALL = N_("All channels")
_STATES = {
    "claimed": N_("Let out"),
    "handing": N_("Being handed over"),
    "created": N_("Given to the platform"),
    "notified": N_("Staff were asked"),
    "confirmed": N_("Staff confirmed"),
    "delivered": N_("Delivered"),
    "put_off": N_("Put off"),
    "unknown": N_("Not known"),
    "quota_refused": N_("Refused by the platform's quota"),
    "not_a_friend": N_("Not a friend any more"),
    "failed": N_("Failed"),
}


def register(parent: typer.Typer) -> None:
    """Add the commands of this file."""
    delivery_sandbox.add_to(app)
    parent.add_typer(app, name="delivery")


@app.command(help=_("Show what is due, what became of what was let out, and what is stopped."))
@command
def status(as_json: Json = False) -> Answer:
    """Show how delivery stands."""
    from yutang.channels import queries
    from yutang.foundation.access import Actor

    found = queries.delivery_status(access=Actor.system(), now=now())
    return Answer(asdict(found), lambda console: _show(console, found))


@app.command(help=_("Stop everything, a channel or a campaign at once; what staff have not confirmed is taken back."))
@command
def stop(channel: Channel = "", campaign: Campaign = "", as_json: Json = False) -> Answer:
    """Stop."""
    from yutang.channels import actions
    from yutang.foundation.access import Actor

    actions.stop_sending(actor=Actor.system(), channel=channel, campaign=campaign, now=now())
    return Answer(
        {"stopped": channel or campaign}, _("Stopped: %(name)s") % {"name": _named(channel) if channel else campaign}
    )


@app.command(help=_("Let what was stopped go on."))
@command
def go(channel: Channel = "", campaign: Campaign = "", as_json: Json = False) -> Answer:
    """Go on."""
    from yutang.channels import actions
    from yutang.foundation.access import Actor

    actions.let_go_on(actor=Actor.system(), channel=channel, campaign=campaign, now=now())
    return Answer(
        {"goes_on": channel or campaign}, _("It goes on: %(name)s") % {"name": _named(channel) if channel else campaign}
    )


@app.command(help=_("Show the addresses that you enter with gateways and mail servers; keep them to yourself."))
@command
def addresses(as_json: Json = False) -> Answer:
    """Show where platforms push to."""
    from yutang.channels import queries
    from yutang.foundation.access import Actor

    found = queries.push_addresses(access=Actor.system())
    return Answer(found, lambda console: _show_addresses(console, found))


def _named(stopped: str) -> str:
    """Return what a channel is called; a campaign or playbook is named by its key."""
    from yutang.channels.queries import CHANNEL_TITLES

    titles = {**CHANNEL_TITLES, "all": _ALL}
    return _(titles[stopped]) if stopped in titles else stopped


def _show(console: Console, found: DeliveryStatus) -> None:
    table = Table(_("Channel"), _("Due now"), _("Planned for later"))
    for channel in sorted({*found.due, *found.planned}):
        table.add_row(_named(channel), f"{found.due.get(channel, 0):,}", f"{found.planned.get(channel, 0):,}")
    console.print(table)
    table = Table(_("What is known of what was let out"), _("Messages"))
    for state, title in _STATES.items():
        if state in found.states:
            table.add_row(_(title), f"{found.states[state]:,}")
    table.add_section()
    table.add_row(_("Tasks of WeCom that wait for staff"), f"{found.open_tasks:,}")
    table.add_row(_("Tasks of which nobody knows whether WeCom has them"), f"{found.lost_tasks:,}")
    console.print(table)
    for stopped in (*found.stopped_channels, *found.stopped_campaigns):
        console.print(_("Stopped: %(name)s") % {"name": _named(stopped)})


def _show_addresses(console: Console, found: dict[str, str]) -> None:
    for name, address in found.items():
        console.print(name)
        console.print(address, soft_wrap=True, highlight=False)
