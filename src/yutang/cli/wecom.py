"""`yutang wecom`: the simulated WeCom."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from yutang.cli.output import DONE, Answer, Json, command
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.connectors.wecom.simulator.server import Simulator

app = typer.Typer(no_args_is_help=True, help=_("WeCom: the connection, and a sandbox in its place."))


class CallbackAddressDoesNotAnswer(DomainError):
    """The address did not decrypt what it was sent."""

    code = "callback_address_does_not_answer"
    http_status = 422
    message = N_(
        "%(url)s does not answer the check of WeCom. Start what listens there, with the same token and key, then try again."
    )


def register(parent: typer.Typer) -> None:
    """Add the commands of this file, and those beside it."""
    from yutang.cli import wecom_sandbox

    wecom_sandbox.add_to(app)
    parent.add_typer(app, name="wecom")


@app.command(
    help=_(
        "Start a WeCom that does not exist, on this machine only, until Ctrl-C: its API, callbacks and a page to play on."
    )
)
@command(prepare=False)
def simulate(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help=_("Port on this machine; 0 for any."))] = 8790,
    seed: Annotated[int, typer.Option("--seed", help=_("Equal seeds give equal ids."))] = 1,
    staff: Annotated[int, typer.Option("--staff", min=1, help=_("How many serve customers."))] = 6,
    customers: Annotated[int, typer.Option("--customers", min=0, help=_("How many people."))] = 60,
    groups: Annotated[int, typer.Option("--groups", min=0, help=_("How many customer groups."))] = 6,
    callback_url: Annotated[
        str, typer.Option("--callback-url", help=_("Where callbacks go; it must answer already."))
    ] = "",
    callback_token: Annotated[
        str, typer.Option("--callback-token", help=_("Token of the callbacks; made when left out."))
    ] = "",
    callback_key: Annotated[
        str, typer.Option("--callback-key", help=_("EncodingAESKey of the callbacks; made when left out."))
    ] = "",
    as_json: Json = False,
) -> Answer:
    """Start the simulator in the foreground."""
    from django.contrib.staticfiles import finders

    from yutang.connectors.wecom.simulator.seeding import Size, seed_world
    from yutang.connectors.wecom.simulator.server import Simulator
    from yutang.connectors.wecom.simulator.world import World

    world = World(seed=seed)
    seed_world(world, Size(staff=staff, customers=customers, groups=groups, owners=min(staff, 3)))
    style = finders.find("console/console.css")
    simulator = Simulator(world=world, port=port, stylesheet=Path(style) if isinstance(style, str) else None)
    token = callback_token or secrets.token_hex(8)
    key = callback_key or secrets.token_hex(22)[:43]
    if callback_url:
        _send_callbacks(simulator, callback_url, token, key)
    told = {
        "address": simulator.address,
        "base_url": simulator.base_url,
        "corp_id": world.corp_id,
        "agent_id": world.apps[0].agent_id,
        "secret": world.apps[0].secret,
        "callback_token": token,
        "callback_key": key,
    }

    def serve() -> int:
        simulator.serve()
        return DONE

    return Answer(told, lambda console: _welcome(console, told), then=serve)


def _send_callbacks(simulator: Simulator, url: str, token: str, key: str) -> None:
    from yutang.connectors.wecom.simulator.control import AddressDoesNotAnswer

    try:
        simulator.control.order("callbacks", {"url": url, "token": token, "aes_key": key})
    except AddressDoesNotAnswer as error:
        raise CallbackAddressDoesNotAnswer(url=url) from error


def _welcome(console: Console, told: dict[str, object]) -> None:
    console.print(_("A sandbox in place of WeCom is up. Nothing in it reaches a real person."), style="bold")
    lines = (
        (_("Page"), "address"),
        (_("Address of the API"), "base_url"),
        (_("Corp id"), "corp_id"),
        (_("App"), "agent_id"),
        (_("Secret"), "secret"),
        (_("Token of callbacks"), "callback_token"),
        (_("Key of callbacks"), "callback_key"),
    )
    for label, name in lines:
        console.print(f"{label}: {told[name]}", markup=False, soft_wrap=True)
    console.print(_("Ctrl-C ends it."))
