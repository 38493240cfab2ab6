"""A worker that is killed, or asked to end, in the middle of a job."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.foundation import job_samples
from tests.support.starting import Child, Starter
from yutang.foundation import queries
from yutang.foundation.jobs import enqueue
from yutang.foundation.models import Setting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKER = """
import sys
from datetime import timedelta
from yutang.foundation.jobs import run_worker
run_worker(name=sys.argv[1], schedules=False, poll_seconds=0.05, lease=timedelta(seconds=float(sys.argv[2])))
"""


#: Starts a worker by its name and the length of its leases. Seconds.
Start = Callable[[str, float], Child]


@pytest.fixture
def start(starter: Starter, child_environment: dict[str, str]) -> Start:
    return lambda name, lease: starter.start(WORKER, name, str(lease), environment=child_environment)


def counted() -> int:
    return Setting.objects.filter(key="counted").values_list("value", flat=True).first() or 0


def wait_until(condition: object, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def test_goes_on_where_killed_workers_stopped(start: Start) -> None:
    job_id = enqueue(job_samples.count_slowly, {"total": 40, "pause": 0.02}, now=datetime.now(UTC))
    dice = random.Random(7)

    for _ in range(4):
        before = counted()
        worker = start("one", 60)
        wait_until(lambda before=before: counted() > before)
        time.sleep(dice.uniform(0, 0.05))
        worker.kill()
        worker.wait()
    worker = start("one", 60)
    wait_until(lambda: queries.job(job_id).status == "done")
    worker.terminate()

    assert worker.wait(timeout=120) == 0
    assert counted() == 40
    assert queries.job(job_id).result == 40


def test_another_worker_takes_over_after_the_lease(start: Start) -> None:
    job_id = enqueue(job_samples.count_slowly, {"total": 15, "pause": 0.05}, now=datetime.now(UTC))
    first = start("first", 1.5)
    wait_until(lambda: counted() >= 2)
    first.kill()
    first.wait()

    second = start("second", 1.5)
    wait_until(lambda: queries.job(job_id).status == "done")
    second.terminate()

    assert second.wait(timeout=120) == 0
    assert counted() == 15


def test_ends_gracefully_and_gives_the_job_back(start: Start) -> None:
    job_id = enqueue(job_samples.count_slowly, {"total": 1000, "pause": 0.02}, now=datetime.now(UTC))
    worker = start("polite", 60)
    wait_until(lambda: counted() >= 3)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=120) == 0
    assert queries.job(job_id).status == "waiting"
    assert queries.job(job_id).attempts == 0
    assert queries.workers() == ()
