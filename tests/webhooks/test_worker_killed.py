"""A worker that is killed while it sends: the receiver hears of everything in the end, by stable ids."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import NOW
from tests.foundation.test_worker_killed import wait_until
from tests.support.starting import Starter
from yutang.connectors.webhook_receiver import Receiver
from yutang.customers.events import ConsentChanged
from yutang.webhooks.models import Delivery, Message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKER = """
from datetime import timedelta
from yutang.webhooks import delivering, tries
delivering.LEASE = timedelta(seconds=1)
from yutang.foundation.jobs import run_worker
run_worker(name="one", poll_seconds=0.05, lease=timedelta(seconds=2), schedules=False)
"""


def test_loses_nothing(
    register: Callable[..., Any], told: Callable[..., int], child_environment: dict[str, str], starter: Starter
) -> None:
    held = threading.Event()
    with Receiver(answers=lambda _: (held.wait(20) and 200) or 200) as receiver:
        register(receiver.url, "customers.ConsentChanged")
        for number in range(12):
            told(ConsentChanged(number, 1, "promotion", "sms", False, NOW))
        environment = {**child_environment, "YUTANG_WEBHOOK_NETWORKS": "127.0.0.0/8"}
        worker = starter.start(WORKER, environment=environment)
        wait_until(lambda: len(receiver.received) >= 4)
        worker.kill()
        worker.wait()
        assert not Delivery.objects.filter(status="taken").exists()
        held.set()
        time.sleep(1)
        worker = starter.start(WORKER, environment=environment)
        try:
            wait_until(lambda: not Delivery.objects.exclude(status="taken").exists())
        finally:
            worker.terminate()
            worker.wait()

    heard = [one.message_id for one in receiver.received]
    assert set(heard) == set(Message.objects.values_list("token", flat=True))
    assert len(heard) > 12
