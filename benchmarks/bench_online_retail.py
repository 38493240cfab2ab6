"""From a real export file to today's list: import, identity, lake, scores and today, by the commands that a merchant uses.

    python -m benchmarks.bench_online_retail

Needs the reference data (`YUTANG_REFERENCE_DATA`); without it the benchmark says so and ends. Prints one JSON object: seconds of the
import with all that follows it, of the same import again, of `yutang today`, and the largest peak memory of a process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("YUTANG_REFERENCE_DATA") or ROOT.parent / "shared" / "data")
FILE = DATA / "online_retail" / "online_retail_2010-12_2011-12.csv.gz"


def main() -> None:
    """Import the file twice into an empty store and ask for today's list."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if not FILE.exists():
        print(json.dumps({"skipped": "no reference data here: set YUTANG_REFERENCE_DATA to its folder"}))
        return
    with tempfile.TemporaryDirectory() as home:
        options = ["--currency", "GBP", "--time-zone", "Europe/London"]
        first, first_seconds = yutang(home, "import", str(FILE), *options)
        again, again_seconds = yutang(home, "import", str(FILE), *options)
        today, today_seconds = yutang(home, "today")
    result = {
        "import_to_today_seconds": first_seconds,
        "second_import_seconds": again_seconds,
        "today_seconds": today_seconds,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "first": {
            k: first[k] for k in ("rows_read", "new", "quarantined", "ignored", "orders", "customers", "amount_minor")
        },
        "again": {k: again[k] for k in ("rows_read", "new", "updated", "unchanged", "quarantined", "ignored")},
        "proposals": today["counts"]["open"],
    }
    print(json.dumps(result, indent=1))


def yutang(home: str, *arguments: str) -> tuple[dict, float]:
    """Run a command with --json and return its answer and its seconds; exit code 1 says that rows were kept back."""
    environment = {**os.environ, "YUTANG_HOME": home, "PYTHONPATH": str(ROOT / "src")}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "yutang.cli.main", *arguments, "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode not in (0, 1):
        raise SystemExit(f"yutang {arguments[0]} ended with {done.returncode}: {done.stdout.decode()}")
    return json.loads(done.stdout), round(seconds, 1)


if __name__ == "__main__":
    main()
