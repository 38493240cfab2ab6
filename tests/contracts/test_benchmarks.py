"""Every benchmark is loaded as `make bench` loads it: as a module, from the root of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_benchmark_can_be_loaded(tmp_path: Path) -> None:
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("bench_*.py"))
    environment = {**os.environ, "YUTANG_HOME": str(tmp_path)}
    environment.pop("PYTHONPATH", None)

    loaded = subprocess.run(
        [sys.executable, "-c", f"import {', '.join(f'benchmarks.{name}' for name in names)}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert names
    assert loaded.returncode == 0, loaded.stderr
