"""A shop at work, as processes of its own, to which faults happen at random; the long run is `python -m tests.faults`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.world import ROOT

#: After so long a run says where it stands, before pytest would end without a word of it. Seconds.
_LONGEST = 480

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
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.faults", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as run:  # fmt: skip
        try:
            said, complained = run.communicate(timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            # It tells where each thread stands; its processes hold its pipes open.
            run.send_signal(signal.SIGABRT)
            run.wait(timeout=30)
            os.killpg(run.pid, signal.SIGKILL)
            said, complained = run.communicate()
    assert run.returncode in {0, 1}, f"{said[-4000:]}\n{complained[-8000:]}"
    lines = said.splitlines()
    assert lines, complained[-4000:]
    return dict(json.loads(lines[-1]))
