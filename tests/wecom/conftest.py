"""A simulated WeCom that this installation is connected to, with callbacks that come in through the real door."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.wecom.conftest import AES_KEY, TOKEN, QuickClock, Sandbox
from yutang.connectors.wecom.callbacks.envelope import CallbackKeys, sealed, signature
from yutang.connectors.wecom.client import WeCom
from yutang.connectors.wecom.simulator.delivery import event_xml
from yutang.connectors.wecom.simulator.seeding import Size
from yutang.foundation.access import Actor
from yutang.wecom import actions, connecting, inbox, queries
from yutang.wecom.greeting import greet_round
from yutang.wecom.hearing import hear_round
from yutang.wecom.models import SyncRun
from yutang.wecom.syncing import PHASES, do_step


class Shop:
    """The simulated corp and this installation, on one clock; callbacks wait in `told` until they are delivered."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self.keys = CallbackKeys(TOKEN, AES_KEY, self.world.corp_id)
        self.told: list[str] = []
        self.world.emit = lambda event: self.told.append(event_xml(event))
        actions.use_sandbox(
            actor=Actor.system(),
            corp_id=self.world.corp_id,
            agent_id=self.world.apps[0].agent_id,
            base_url=sandbox.simulator.base_url,
            page_url=sandbox.simulator.address,
            secret=sandbox.secret,
            token=TOKEN,
            aes_key=AES_KEY,
            now=self.now(),
        )
        client = queries.connection(clock=QuickClock(self.world.clock))
        assert client is not None
        self.client: WeCom = client

    def now(self) -> datetime:
        """What time it is there, and here."""
        return datetime.fromtimestamp(self.world.now(), UTC)

    def order(self, path: str, **told: Any) -> dict[str, Any]:
        return self.sandbox.order(path, **told)

    def later(self, seconds: float) -> None:
        self.order("clock", advance=seconds)

    def envelope(self, text: str) -> dict[str, Any]:
        """Return what the door is sent for a text, sealed anew each time."""
        body = sealed(keys=self.keys, message=text)
        stamp, nonce = str(int(self.world.now())), os.urandom(4).hex()
        signed = signature(token=TOKEN, timestamp=stamp, nonce=nonce, sealed=body)
        whole = (
            f"<xml><ToUserName><![CDATA[{self.world.corp_id}]]></ToUserName><Encrypt><![CDATA[{body}]]></Encrypt></xml>"
        )
        return {"msg_signature": signed, "timestamp": stamp, "nonce": nonce, "body": whole.encode()}

    def take(self, text: str) -> bool:
        return inbox.take_callback(keys=self.keys, now=self.now(), **self.envelope(text))

    def deliver(self, *, order: Callable[[list[str]], list[str]] = list) -> int:
        """Let everything that was told come in, in some order; return how much of it was new."""
        told, self.told[:] = list(self.told), []
        return sum(self.take(text) for text in order(told))

    def hear(self) -> None:
        """Let a worker do everything that can be done now and in the next seconds."""
        for _ in range(20):
            greeted = greet_round(self.client, clock=self.now)
            heard = hear_round(self.client, clock=self.now)
            if not greeted and not heard:
                break
        else:
            raise AssertionError("the worker finds no end")

    def settle(self) -> None:
        """Deliver all, and hear also what waits for a group to show itself."""
        self.deliver()
        self.hear()
        self.later(3)
        self.hear()

    def sync(self) -> SyncRun:
        run = SyncRun.objects.create(began_at=self.now(), phase=PHASES[0])
        while do_step(run, self.client, clock=self.now, fence=lambda at: None):
            pass
        return run

    def way(self) -> str:
        """The id of the contact way that the corp has from the beginning."""
        return next(one.config_id for one in self.world.ways.values() if not one.is_join)


@pytest.fixture
def open_shop(db: None, settings: Any) -> Iterator[Callable[..., Shop]]:
    """Connect to a simulated corp of any size whose clock stands still until it is moved."""
    shutil.rmtree(Path(settings.YUTANG_HOME) / "wecom", ignore_errors=True)
    opened: list[Sandbox] = []

    def make(**size: int) -> Shop:
        sandbox = Sandbox(Size(**size))
        sandbox.world.clock.stop(float(int(sandbox.world.now()) + 1))
        opened.append(sandbox)
        return Shop(sandbox)

    yield make
    connecting._CLIENTS.clear()
    for one in opened:
        one.simulator.end()


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """Connected to a small simulated corp."""
    return open_shop(staff=4, customers=24, groups=4, owners=2, members=5)
