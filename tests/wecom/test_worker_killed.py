"""A worker that is killed while newcomers come in: everybody is greeted once, and known, by the one that comes after it."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.foundation.test_worker_killed import wait_until
from tests.support.starting import Starter
from tests.wecom.comparing import friendships_here, friendships_there
from tests.wecom.conftest import Shop, open_shop
from yutang.foundation.models import Setting
from yutang.wecom import inbox
from yutang.wecom.models import Callback, Friendship

__all__ = ["open_shop"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKER = """
from datetime import timedelta
from yutang.wecom import greeting, hearing
greeting.LEASE = hearing.LEASE = timedelta(seconds=2)
from yutang.foundation.jobs import run_worker
run_worker(name="one", queues=["wecom"], poll_seconds=0.05, lease=timedelta(seconds=2), schedules=False)
"""
_NEWCOMERS = 30


def test_greets_everybody_once(open_shop: Any, starter: Starter, child_environment: dict[str, str]) -> None:
    Setting.objects.create(key="wecom.welcome_words", value="您好")
    shop: Shop = open_shop(staff=5, customers=0, groups=0)
    # However long a loaded machine takes to start a worker, no greeting is too late: that is for the test on one clock.
    shop.world.clock.run()
    shop.order("clock", advance=3_600)
    shop.order("rules", welcome_seconds=600.0)
    dice = random.Random(3)

    def come(first: int) -> None:
        for number in range(first, first + _NEWCOMERS // 2):
            shop.order("scan", config_id=shop.way(), unionid=f"oK{number:024d}", name=f"客{number}")
        told, shop.told[:] = list(shop.told), []
        mixed = [*told, *dice.sample(told, len(told) // 10)]
        dice.shuffle(mixed)
        for text in mixed:
            inbox.take_callback(keys=shop.keys, now=datetime.now(UTC), **shop.envelope(text))

    come(0)
    worker = starter.start(WORKER, environment=child_environment)
    try:
        wait_until(lambda: len(_greeted(shop)) >= 3)
    finally:
        worker.kill()
        worker.wait()
    come(_NEWCOMERS // 2)
    worker = starter.start(WORKER, environment=child_environment)
    try:
        wait_until(lambda: not Callback.objects.filter(state="waiting").exists())
    finally:
        worker.terminate()
        worker.wait()

    greeted = _greeted(shop)
    assert len({one["external_userid"] for one in greeted}) == len(greeted) == _NEWCOMERS
    assert friendships_here() == friendships_there(shop.world)
    assert Friendship.objects.exclude(welcomed_at=None).count() == _NEWCOMERS
    assert shop.sandbox.calls("gettoken") <= 2


def _greeted(shop: Shop) -> list[dict[str, Any]]:
    return [one for one in shop.sandbox.show("welcomes")["codes"] if one["used_with"] is not None]
