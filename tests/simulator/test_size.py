"""A load of any size is made in the same memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import resource, sys
from datetime import date
from pathlib import Path
from yutang.simulator.plan import Plan
from yutang.simulator.run import simulate
plan = Plan(seed=3, customers=1, stores=4, from_date=date(2025, 1, 1), to_date=date(2026, 1, 1),
            platforms=("taobao",), lines=int(sys.argv[1]))
simulate(plan, Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(lines: int, folder: Path) -> int:
    """Peak memory of a process that writes so many lines, in KiB."""
    source = Path(__file__).parents[2] / "src"
    environment = {**os.environ, "PYTHONPATH": str(source)}
    command = [sys.executable, "-c", CHILD, str(lines), str(folder)]
    return int(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)


@pytest.mark.slow
class TestMemory:
    def test_does_not_grow_with_the_load(self, tmp_path: Path) -> None:
        small, large = peak(40_000, tmp_path / "small"), peak(400_000, tmp_path / "large")

        assert large < 1.3 * small
