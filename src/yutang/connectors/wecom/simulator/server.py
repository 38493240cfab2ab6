"""The simulator's own small web server: the API, the orders, and the page. It binds to this machine only."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from yutang.connectors.sandbox.serving import LOOPBACK, Door, Reply, SandboxServer, in_words, serve_until_asked
from yutang.connectors.wechat.simulator import EXCHANGE, Authorising
from yutang.connectors.wecom.simulator.asked import File
from yutang.connectors.wecom.simulator.control import AddressDoesNotAnswer, Control, NotPossible
from yutang.connectors.wecom.simulator.delivery import Delivery
from yutang.connectors.wecom.simulator.gateway import Gateway
from yutang.connectors.wecom.simulator.official_account import PATHS, led_on, players_of
from yutang.connectors.wecom.simulator.page import Page
from yutang.connectors.wecom.simulator.world import World
from yutang.kit.errors import DomainError
from yutang.kit.text import N_

_API, _ORDERS = "/cgi-bin/", "/_sim/"
_MOST_BYTES = 64 << 20


class SimulatorPortIsTaken(DomainError):
    """Another program listens there."""

    code = "simulator_port_is_taken"
    message = N_("Port %(port)s is in use. Take another one: --port %(other)s")


class Simulator:
    """One simulated WeCom behind one port of this machine.

    Args:
        world: what there is.
        port: where it listens; 0 for any that is free.
        stylesheet: file with the look of the product; the page does without where there is none.
    """

    def __init__(self, *, world: World | None = None, port: int = 0, stylesheet: Path | None = None) -> None:
        self.world = world or World()
        self.gateway = Gateway(self.world)
        self.delivery = Delivery(clock=self.world.clock, seed=self.world.seed)
        self.world.emit = self.delivery.post
        self.control = Control(world=self.world, gateway=self.gateway, delivery=self.delivery)
        self.page = Page(control=self.control, stylesheet=stylesheet)
        #: WeChat's side of the same people: who visits pages of the shop.
        self.authorising = Authorising(players=lambda: players_of(self.world))
        try:
            self._server = SandboxServer((LOOPBACK, port), _bound(self))
        except OSError as error:
            raise SimulatorPortIsTaken(port=port, other=port + 1) from error
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where the page is, with a slash at the end."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/"

    @property
    def base_url(self) -> str:
        """What a client takes in place of WeCom's address."""
        return f"{self.address}cgi-bin/"

    def start(self) -> Simulator:
        """Answer in a thread of its own; return itself."""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Answer until interrupted; for the main thread."""
        serve_until_asked(begin=self.start, end=self.end)

    def end(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self.delivery.end()
        if self._thread is not None:
            self._thread.join(5)


def _bound(simulator: Simulator) -> type[_Handler]:
    return type("BoundHandler", (_Handler,), {"simulator": simulator})


class _Handler(Door):
    simulator: ClassVar[Simulator]

    def asked(self, method: str) -> None:
        body = self.body(most_bytes=_MOST_BYTES)
        if body is None or not self.is_at_home():
            return
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        if address.path.startswith(_API):
            reply = self._api(method, address.path.removeprefix(_API), query, body)
        elif address.path.startswith(_ORDERS):
            reply = self._order(method, address.path.removeprefix(_ORDERS), body)
        elif address.path == EXCHANGE:
            reply = _json(self.simulator.authorising.exchanged(query))
        elif address.path in PATHS and method == "GET":
            languages, cookies = self.headers.get("Accept-Language", ""), self.headers.get("Cookie", "")
            reply = led_on(self.simulator.authorising, address.path, query, languages=languages, cookies=cookies)
        else:
            reply = self._page(method, address.path, query, body)
        self.answer(reply)

    def _api(self, method: str, path: str, query: dict[str, str], body: bytes) -> Reply:
        kind = self.headers.get("Content-Type", "")
        file = _file(kind, body) if kind.startswith("multipart/form-data") else None
        return self.simulator.gateway.reply(
            method=method, path=path, query=query, body=b"" if file else body, file=file
        )

    def _order(self, method: str, path: str, body: bytes) -> Reply:
        control = self.simulator.control
        try:
            if not self.is_own():
                return _json({"error": "from another origin"}, 403)
            if method == "GET":
                return _json(control.show(path))
            told = json.loads(body or b"{}")
            if not isinstance(told, dict):
                raise ValueError("an order is a JSON object")
            return _json(control.order(path, told))
        except KeyError as error:
            return _json({"error": f"not there: {error}"}, 404)
        except (NotPossible, ValueError, AddressDoesNotAnswer, DomainError) as error:
            return _json({"error": str(error)}, 409 if isinstance(error, NotPossible) else 400)

    def _page(self, method: str, path: str, query: dict[str, str], body: bytes) -> Reply:
        page = self.simulator.page
        if method == "POST":
            if not self.is_own():
                return in_words("from another origin", 403)
            return page.act(path, dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)))
        return page.show(
            path, query, languages=self.headers.get("Accept-Language", ""), cookies=self.headers.get("Cookie", "")
        )


def _json(told: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(told, ensure_ascii=False).encode(), status=status)


def _file(kind: str, body: bytes) -> File | None:
    """Return the field ``media`` of a form with a file, byte for byte."""
    boundary = re.search(r'boundary="?([^";]+)', kind)
    for part in body.split(b"--" + boundary[1].encode()) if boundary else ():
        head, _, content = part.partition(b"\r\n\r\n")
        if b'name="media"' in head:
            name = re.search(rb'filename="([^"]*)"', head)
            return File(name[1].decode(errors="replace") if name else "", content.removesuffix(b"\r\n"))
    return None
