"""A simulated WeCom on a free port, a client of it, and an address that takes its callbacks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import urllib3

from yutang.connectors.wecom.api.ways import ContactWay
from yutang.connectors.wecom.callbacks.envelope import CallbackKeys
from yutang.connectors.wecom.callbacks.events import Event
from yutang.connectors.wecom.callbacks.receiving import Callback, received, verified_address
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.settings import WeComSettings
from yutang.connectors.wecom.simulator.clock import SimulatorClock
from yutang.connectors.wecom.simulator.seeding import Size, seed_world
from yutang.connectors.wecom.simulator.server import Simulator
from yutang.connectors.wecom.simulator.world import World
from yutang.kit.errors import DomainError

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TOKEN = "yutang"


def at_once(work: Callable[[], Any], *, threads: int) -> list[Exception]:
    """Run something in several threads that begin together; return what was raised."""
    gate, raised = threading.Barrier(threads), []

    def run() -> None:
        gate.wait()
        try:
            work()
        except Exception as error:
            raised.append(error)

    found = [threading.Thread(target=run) for _ in range(threads)]
    for one in found:
        one.start()
    for one in found:
        one.join()
    return raised


class QuickClock:
    """The client's clock: the simulator's time; waiting moves it, so that no test waits for real."""

    def __init__(self, clock: SimulatorClock) -> None:
        self._clock = clock
        self.slept: list[float] = []

    def now(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.advance(seconds)


class Sandbox:
    """One simulated WeCom, and what a test orders it to do."""

    def __init__(self, size: Size, *, seed: int = 7) -> None:
        self.world = World(seed=seed)
        seed_world(self.world, size)
        self.simulator = Simulator(world=self.world).start()
        self._pool = urllib3.PoolManager(retries=False)

    @property
    def secret(self) -> str:
        return self.world.apps[0].secret

    def settings(self, **more: Any) -> WeComSettings:
        given = {"corp_id": self.world.corp_id, "secret": self.secret, "base_url": self.simulator.base_url, **more}
        return WeComSettings(agent_id=self.world.apps[0].agent_id, **given)

    def client(self, **more: Any) -> WeCom:
        parts = {name: more.pop(name) for name in ("tokens", "ledger") if name in more}
        return WeCom(settings=self.settings(**more), clock=QuickClock(self.world.clock), **parts)

    def order(self, path: str, **told: Any) -> dict[str, Any]:
        address = f"{self.simulator.address}_sim/{path}"
        response = self._pool.request(
            "POST", address, body=json.dumps(told), headers={"Content-Type": "application/json"}
        )
        answer: dict[str, Any] = json.loads(response.data)
        assert response.status == 200, answer
        return answer

    def show(self, path: str) -> dict[str, Any]:
        response = self._pool.request("GET", f"{self.simulator.address}_sim/{path}")
        assert response.status == 200
        answer: dict[str, Any] = json.loads(response.data)
        return answer

    def calls(self, path: str, errcode: int | None = None) -> int:
        found = self.show("calls")["calls"]
        return sum(
            one["count"] for one in found if one["path"] == path and (errcode is None or one["errcode"] == errcode)
        )

    def fault(self, **told: Any) -> None:
        self.order("faults", faults=[told])

    def unionid(self, external_userid: str) -> str:
        return self.world.people[external_userid].unionid


@pytest.fixture
def open_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Make a simulated WeCom of any size."""
    opened: list[Sandbox] = []

    def make(**size: int) -> Sandbox:
        opened.append(Sandbox(Size(**size)))
        return opened[-1]

    yield make
    for one in opened:
        one.simulator.end()


@pytest.fixture
def sandbox(open_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A small simulated WeCom."""
    return open_sandbox(staff=4, customers=24, groups=4, owners=2, members=5)


@pytest.fixture
def wecom(sandbox: Sandbox) -> WeCom:
    """A client of the small one."""
    return sandbox.client()


class Inbox:
    """An endpoint as the product will have it: opens callbacks, keeps each once, answers 200 with nothing."""

    def __init__(self, corp_id: str) -> None:
        self.keys = CallbackKeys(TOKEN, AES_KEY, corp_id)
        self.arrived: list[Callback] = []
        self.refusals: list[str] = []
        self.statuses: list[int] = []
        self.rests: list[float] = []
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                query = dict(parse_qsl(urlsplit(self.path).query))
                self._write(200, verified_address(keys=inbox.keys, **query).encode())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                query = dict(parse_qsl(urlsplit(self.path).query))
                time.sleep(inbox.rests.pop(0) if inbox.rests else 0)
                status = inbox.statuses.pop(0) if inbox.statuses else 200
                if status == 200:
                    try:
                        inbox.arrived.append(received(keys=inbox.keys, body=body, **query))
                    except DomainError as error:
                        inbox.refusals.append(error.code)
                self._write(status, b"")

            def _write(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/wecom"

    @property
    def once(self) -> list[Callback]:
        """Callbacks in the order in which they first came, each once."""
        return list({one.digest: one for one in reversed(self.arrived)}.values())[::-1]

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listen(sandbox: Sandbox) -> Iterator[Callable[..., Inbox]]:
    """Make an inbox and let the small simulated WeCom send its callbacks there."""
    opened: list[Inbox] = []

    def make(**habits: Any) -> Inbox:
        inbox = Inbox(sandbox.world.corp_id)
        opened.append(inbox)
        sandbox.order("callbacks", url=inbox.url, token=TOKEN, aes_key=AES_KEY, habits=habits)
        return inbox

    yield make
    for one in opened:
        one.end()


Listen = Callable[..., Inbox]


def settle(sandbox: Sandbox, inbox: Inbox) -> list[Event]:
    """Wait until all callbacks have come, and return what each told, once."""
    told = sandbox.order("callbacks/wait", seconds=20)
    assert told["settled"]
    assert inbox.refusals == []
    return [one.event for one in inbox.once]


def way_of(wecom: WeCom, *users: str, **more: object) -> str:
    """Make a contact way, of the first member of staff unless others are named, and return its id."""
    return wecom.contact_ways.add(way=ContactWay(users=users or ("staff001",), **more)).config_id  # type: ignore[arg-type]
