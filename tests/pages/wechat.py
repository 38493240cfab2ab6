"""A WeChat of the sandbox for pages: somebody goes there and comes back as a browser does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.test import Client

from yutang.connectors.wechat.simulator import Authorising
from yutang.connectors.wecom.simulator.acts_people import person_for
from yutang.connectors.wecom.simulator.server import Simulator
from yutang.connectors.wecom.simulator.world import Person, World
from yutang.foundation.access import Actor
from yutang.wecom.actions import use_sandbox


@contextmanager
def sandbox_running() -> Iterator[Simulator]:
    """Run a sandbox of WeCom with the WeChat of its people."""
    simulator = Simulator(world=World()).start()
    yield simulator
    simulator.end()


def connected(simulator: Simulator, *, now: datetime) -> Simulator:
    """Connect the shop of a test with a sandbox."""
    world = simulator.world
    assert use_sandbox(
        actor=Actor.system(), corp_id=world.corp_id, agent_id=world.apps[0].agent_id, base_url=simulator.base_url,
        page_url=simulator.address, secret=world.apps[0].secret, token="token", aes_key="k" * 43, now=now,
    )  # fmt: skip
    return simulator


def somebody(simulator: Simulator, name: str, unionid: str) -> Person:
    """Return somebody who uses WeChat."""
    return person_for(simulator.world, unionid=unionid, name=name)


def way_back(authorising: Authorising, address: str, person: Person) -> str:
    """Return path and query of the page to which somebody comes back from the authorising page of an address."""
    asked = dict(parse_qsl(urlsplit(address).query))
    assert authorising.choices(asked)
    led = authorising.led_back({**asked, "openid": person.openid})
    return led.removeprefix("http://testserver")


def come_by_wechat(client: Client, simulator: Simulator, person: Person, after: str) -> Any:
    """Let somebody say by WeChat who they are, and return the answer to their coming back."""
    there = client.get("/wechat/", {"next": after})
    assert there.status_code == 302, there.content
    return client.get(way_back(simulator.authorising, there.url, person))
