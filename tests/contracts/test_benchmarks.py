"""Every benchmark is loaded as `make bench` loads it, as a module from the root of the checkout, and tells what it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Prints the names of the modules that do anything but tell how they are used when they are asked for help.
HELPLESS = """
import contextlib, importlib, io, sys
for name in sys.argv[1].split(","):
    told, sys.argv = io.StringIO(), [name, "--help"]
    try:
        with contextlib.redirect_stdout(told):
            importlib.import_module(name).main()
    except SystemExit:
        pass
    if not told.getvalue().startswith("usage: "):
        print(name)
"""


def test_every_benchmark_can_be_loaded(tmp_path: Path) -> None:
    names = benchmarks()

    loaded = run(f"import {', '.join(names)}", home=tmp_path)

    assert names
    assert loaded.returncode == 0, loaded.stderr


def test_every_benchmark_asked_for_help_tells_it_and_does_no_more(tmp_path: Path) -> None:
    names = [*benchmarks(), "benchmarks.capacity_report", "benchmarks.compare.__main__", "benchmarks.compare.report"]

    asked = run(HELPLESS, ",".join(names), home=tmp_path)

    assert (asked.returncode, asked.stdout) == (0, ""), asked.stderr


def benchmarks() -> list[str]:
    return sorted(f"benchmarks.{path.stem}" for path in (ROOT / "benchmarks").glob("bench_*.py"))


def run(code: str, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "YUTANG_HOME": str(home)}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
