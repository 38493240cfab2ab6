"""`yutang wecom sandbox`: the simulated WeCom of this installation, with people of the demo shop, connected and kept."""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from yutang.cli.output import DONE, Answer, Json, command, now
from yutang.cli.text import _
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

if TYPE_CHECKING:
    from yutang.connectors.wecom.simulator.server import Simulator
    from yutang.connectors.wecom.simulator.world import World

#: Where it listens unless something else does.
PORT = 8790
#: The console may start at the same moment: its address is tried so long. Seconds.
_PATIENCE = 120.0
_TRY_EVERY = 0.5


class RealWeComIsConnected(DomainError):
    """A real corp is connected, beside which there is no sandbox."""

    code = "real_wecom_is_connected"
    http_status = 409
    message = N_("A real corp is connected. A sandbox beside it would mix made-up people with real ones.")


def add_to(group: typer.Typer) -> None:
    """Add the command of this file to a group."""
    group.command(
        help=_("Start the sandbox of this installation in place of WeCom, with people of the demo shop, until Ctrl-C.")
    )(sandbox)


@command
def sandbox(
    callback_url: Annotated[str, typer.Option("--callback-url", help=_("Where callbacks go: the console's address."))],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help=_("Port on this machine; 0 for any."))] = PORT,
    as_json: Json = False,
) -> Answer:
    """Start the sandbox in the foreground, connect it, and let its callbacks come here."""
    from django.conf import settings

    from yutang.connectors.wecom.simulator.keeping import Keeper
    from yutang.foundation.access import Actor
    from yutang.wecom import actions

    folder = Path(settings.YUTANG_HOME) / "wecom"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    world = _world(folder / "sandbox.json")
    simulator = _listening(world, port)
    token, key = secrets.token_hex(8), secrets.token_hex(22)[:43]
    is_connected = actions.use_sandbox(
        actor=Actor.system(),
        corp_id=world.corp_id,
        agent_id=world.apps[0].agent_id,
        base_url=simulator.base_url,
        page_url=simulator.address,
        secret=world.apps[0].secret,
        token=token,
        aes_key=key,
        now=now(),
    )
    if not is_connected:
        raise RealWeComIsConnected
    told = {"address": simulator.address, "corp_id": world.corp_id, "callback_url": callback_url}
    keeper = Keeper(world, folder / "sandbox.json").start()

    def serve() -> int:
        threading.Thread(target=_register, args=(simulator, callback_url, token, key), daemon=True).start()
        try:
            simulator.serve()
        finally:
            keeper.end()
        return DONE

    return Answer(told, lambda console: _welcome(console, simulator), then=serve)


def _world(path: Path) -> World:
    """Return the corp that was kept, else a new one with people of the shop."""
    from yutang.connectors.wecom.simulator.keeping import kept_world, put_aside
    from yutang.connectors.wecom.simulator.seeding import Size, seed_cast, seed_world
    from yutang.connectors.wecom.simulator.world import World
    from yutang.demo.sandbox import sandbox_cast

    kept = kept_world(path)
    if kept is not None:
        return kept
    # People of a corp that was lost are not made again under the same ids: they are known here.
    world = World(seed=secrets.randbelow(1 << 31))
    world.corp_id = put_aside(path, now=now()) or world.corp_id
    cast = sandbox_cast(now=now())
    if cast.staff:
        seed_cast(world, cast)
    else:
        seed_world(world, Size())
    return world


def _listening(world: World, port: int) -> Simulator:
    from django.contrib.staticfiles import finders

    from yutang.connectors.wecom.simulator.server import Simulator, SimulatorPortIsTaken

    style = finders.find("console/console.css")
    look = Path(style) if isinstance(style, str) else None
    try:
        return Simulator(world=world, port=port, stylesheet=look)
    except SimulatorPortIsTaken:
        if port != PORT:
            raise
        return Simulator(world=world, port=0, stylesheet=look)


def _register(simulator: Simulator, url: str, token: str, key: str) -> None:
    """Let callbacks go to the console as soon as it answers, then ask for a full look."""
    from django.db import connection

    from yutang.connectors.wecom.simulator.control import AddressDoesNotAnswer
    from yutang.foundation.access import Actor
    from yutang.wecom import actions

    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            simulator.control.order("callbacks", {"url": url, "token": token, "aes_key": key})
        except AddressDoesNotAnswer:
            time.sleep(_TRY_EVERY)
            continue
        try:
            actions.ask_for_sync(actor=Actor.system(), now=now())
        finally:
            connection.close()
        return


def _welcome(console: Console, simulator: Simulator) -> None:
    console.print(_("A sandbox in place of WeCom is up. Nothing in it reaches a real person."), style="bold")
    label = _("Page")
    console.print(f"{label}: {simulator.address}", markup=False, soft_wrap=True)
    console.print(_("Ctrl-C ends it."))
