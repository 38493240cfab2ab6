"""A shop at work, as processes of its own, to which faults happen at random; the long run is `python -m tests.faults`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.world import ROOT

#: What the test's own home and database would bring into the run.
_LEFT_OUT = {"DATABASE_URL", "YUTANG_HOME", "YUTANG_LAKE", "DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR"}


@pytest.mark.slow
@pytest.mark.minutes
@pytest.mark.parametrize("seed", [1])
def test_nothing_is_lost_and_nothing_is_done_twice(tmp_path: Path, seed: int) -> None:
    told = befallen(tmp_path, "--faults", "24", "--each", "24", "--seed", str(seed))

    assert told["wrong"] == {}
    assert told["faults"] == 24
    assert len(told["by_kind"]) >= 5
    # Programs were answered all the while, and had to ask again.
    assert sum(told["answered"].values()) >= 20
    assert told["taken_by_gateway"] > 0
    assert told["sent_in_wecom"] > 0
    assert told["tries"] > sum(told["answered"].values())


def befallen(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return what a run told in its last line."""
    environment = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    environment |= {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))), "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "tests.faults", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode in {0, 1}, ended.stderr[-4000:]
    lines = ended.stdout.splitlines()
    assert lines, ended.stderr[-4000:]
    return dict(json.loads(lines[-1]))
