"""Real groups replayed by eight workers: outcomes equal the data, and seats, payments and refunds add up to the fen."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import pytest
from benchmarks import groupbuy_replay as replay

from tests.channels.test_workers import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.reference_data]
WORKERS, GROUPS = 8, 60


def test_every_group_ends_as_the_data_says(reference_data: Path) -> None:
    found = replay.courses(reference_data / "beibei_groupbuy", most=GROUPS)
    keys = replay.prepare(found)
    steps = replay.steps_of(found, seed=6, days=3)
    clocks, lock = [0.0] * WORKERS, Lock()

    def work(number: int) -> None:
        def clock(at: float) -> float:
            with lock:
                clocks[number] = at
                return min(clocks)

        replay.play(steps[number::WORKERS], found=found, keys=keys, clock=clock, timings=replay.Timings())

    all_at_once(work, workers=WORKERS)
    replay.end_everything(found, steps)

    assert sum(one.has_filled for one in found) == sum(not one.has_filled for one in found) == GROUPS // 2
    assert list(replay.differences(found, keys)) == []
