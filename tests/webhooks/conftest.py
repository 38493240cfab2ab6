"""Receivers on this machine, and a clock that tests set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from tests.conftest import NOW
from yutang.connectors.webhook_receiver import Receiver
from yutang.foundation.access import Actor
from yutang.foundation.outbox import record
from yutang.webhooks import actions
from yutang.webhooks.announcing import announce
from yutang.webhooks.delivering import Round, deliver_round

SYSTEM = Actor.system()


class Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> datetime:
        """Move on."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _opened(settings: Any) -> None:
    settings.YUTANG_WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes what it is sent, until a test says otherwise."""
    with Receiver() as one:
        yield one


@pytest.fixture
def register(db: None, clock: Clock) -> Callable[..., actions.MadeEndpoint]:
    """Register a receiver."""

    def make(url: str, *events: str, **more: Any) -> actions.MadeEndpoint:
        kinds = events or ("ingest.ImportUndone",)
        return actions.create_endpoint(actor=SYSTEM, name="ERP", url=url, events=kinds, now=clock.now, **more)

    return make


@pytest.fixture
def told(db: None, clock: Clock) -> Callable[..., int]:
    """Let something happen, as the outbox tells it."""

    def tell(event: Any) -> int:
        event_id = record(event, now=clock.now)
        announce(event, event_id=event_id, now=clock.now)
        return event_id

    return tell


@pytest.fixture
def deliver(clock: Clock) -> Callable[[], Round]:
    """Let the worker make one round."""
    return lambda: deliver_round(leave_out=(), clock=clock)
