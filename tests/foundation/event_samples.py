"""Events and handlers for the tests of the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from yutang.foundation.models import Setting
from yutang.foundation.outbox import handles


@dataclass(frozen=True)
class FishCaught:
    fish_id: int
    at: datetime
    on: date
    tags: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True)
class NetTorn:
    net_id: int


heard: list[tuple[int, FishCaught]] = []


@handles(FishCaught)
def keep(event: FishCaught, *, event_id: int, now: datetime) -> None:
    heard.append((event_id, event))


@handles(NetTorn)
def write(event: NetTorn, *, event_id: int, now: datetime) -> None:
    Setting.objects.create(key=f"net.{event.net_id}", value=1)


@handles(NetTorn)
def fail(event: NetTorn, *, event_id: int, now: datetime) -> None:
    raise RuntimeError("the net is torn")
