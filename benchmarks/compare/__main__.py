"""Compare the product with other programs on the same files: a table, and JSON beside it.

    python -m benchmarks.compare rfm
    python -m benchmarks.compare cohorts --sizes 10000000 100000000 --repeats 5
    python -m benchmarks.compare all --without pymc-marketing

Each program answers in a process of its own; they are asked in turn, once for nothing and then `--repeats` times, and must give the
same answer. Results go to benchmarks/results; `make bench-report` writes docs/benchmarks.md from them.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.compare.contest import ROOT, Contest, Measured, measured
from benchmarks.compare.environment import machine, peers_python
from benchmarks.compare.questions import CONTESTS

RESULTS = ROOT / "benchmarks" / "results"


def main() -> None:
    """Run the contests that are named."""
    options = _options()
    if options.write:
        CONTESTS[options.contest].write(options.write, options.sizes[0])
        return
    for contest in CONTESTS.values() if options.contest == "all" else [CONTESTS[options.contest]]:
        _run(contest, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("contest", choices=["all", *CONTESTS])
    parser.add_argument("--sizes", type=int, nargs="+", help="how large the files are")
    parser.add_argument("--repeats", type=int, default=5, help="askings that count")
    parser.add_argument("--without", nargs="*", default=[], help="programs that are left out")
    parser.add_argument("--keep-results", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--folder", type=Path, help="where the files are written; default: a temporary folder")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(contest: Contest, options: argparse.Namespace) -> None:
    without = set(options.without)
    has_peers = any(side.is_peer for name, side in contest.sides.items() if name not in without)
    pythons = {False: Path(sys.executable), True: peers_python() if has_peers else Path(sys.executable)}
    path = RESULTS / f"{contest.name}.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    sizes: dict[str, Any] = kept.get("sizes", {})
    for size in options.sizes or contest.sizes:
        with tempfile.TemporaryDirectory(prefix=f"compare-{contest.name}-", dir=options.folder) as place:
            folder = Path(place)
            told = [sys.executable, "-m", "benchmarks.compare", contest.name, "--sizes", str(size), "--write", place]
            subprocess.run(told, check=True, cwd=ROOT)
            found = measured(
                contest, size=size, folder=folder, repeats=options.repeats, pythons=pythons, without=without
            )
        _print(contest, size, found)
        sizes[str(size)] = {
            "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
            "machine": machine(),
            "sides": {name: _as_json(one) for name, one in found.items()},
        }
        if options.keep_results:
            RESULTS.mkdir(exist_ok=True)
            ordered = {key: sizes[key] for key in sorted(sizes, key=int)}
            path.write_text(json.dumps({"contest": contest.name, "sizes": ordered}, indent=1) + "\n")


def _as_json(one: Measured) -> dict[str, Any]:
    seconds = [round(each, 4) for each in one.seconds]
    return {"seconds": seconds, "median": round(one.median, 4), "peak_mib": one.peak_mib, "versions": one.versions}


def _print(contest: Contest, size: int, found: Mapping[str, Measured]) -> None:
    ours = found["yutang"].median
    print(f"{contest.title}: {size:,} {contest.unit}", flush=True)
    for name, one in found.items():
        spread = max(one.seconds) / min(one.seconds) if min(one.seconds) else math.nan
        print(
            f"  {name:<16} {one.median:>9.3f} s   {one.median / ours:>6.2f} x   {one.peak_mib:>6,} MiB   (slowest/fastest {spread:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
