"""Compare the product with other programs on the same files: a table, and JSON beside it.

    python -m benchmarks.compare rfm
    python -m benchmarks.compare cohorts funnel --sizes 10000000 100000000 --repeats 5
    python -m benchmarks.compare all --without pymc-marketing
    python -m benchmarks.compare all --large

Each program answers in a process of its own; they are asked in turn, once for nothing and then `--repeats` times, and must give the
same answer. Contests over the same files share them. Results go to benchmarks/results; `make bench-report` writes docs/benchmarks.md
from them. What was found earlier of programs that are left out stays there, beside what Yutang took in their run.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
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
        CONTESTS[options.contests[0]].write(options.write, options.sizes[0])
        return
    asked = [CONTESTS[name] for name in (CONTESTS if "all" in options.contests else options.contests)]
    with tempfile.TemporaryDirectory(prefix="compare-", dir=options.folder) as place:
        for contest, size, folder in _rounds(asked, options, Path(place)):
            _run(contest, size, folder, options)


def _rounds(asked: Sequence[Contest], options: argparse.Namespace, place: Path) -> Iterator[tuple[Contest, int, Path]]:
    """Yield each contest with a size and the folder of its files: written before the first that wants them, gone after the last."""
    wanted: dict[tuple[Any, int], list[Contest]] = {}
    for contest in asked:
        large = contest.large if options.large else ()
        for size in options.sizes or (*contest.sizes, *large):
            wanted.setdefault((contest.write, size), []).append(contest)
    for number, ((_, size), contests) in enumerate(sorted(wanted.items(), key=lambda one: one[0][1])):
        folder = place / str(number)
        folder.mkdir()
        command = [sys.executable, "-m", "benchmarks.compare", contests[0].name, "--sizes", str(size)]
        subprocess.run([*command, "--write", str(folder)], check=True, cwd=ROOT)
        yield from ((contest, size, folder) for contest in contests)
        shutil.rmtree(folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("contests", nargs="+", choices=["all", *CONTESTS], metavar="contest", help=", ".join(CONTESTS))
    parser.add_argument("--sizes", type=int, nargs="+", help="how large the files are")
    parser.add_argument("--large", action="store_true", help="also at the sizes that take most of an hour")
    parser.add_argument("--repeats", type=int, default=5, help="askings that count")
    parser.add_argument("--without", nargs="*", default=[], help="programs that are left out")
    parser.add_argument("--json", action="store_true", help="print one JSON object a size instead of a table")
    parser.add_argument("--keep-results", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--folder", type=Path, help="where the files are written; default: a temporary folder")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(contest: Contest, size: int, folder: Path, options: argparse.Namespace) -> None:
    without = set(options.without)
    has_peers = any(side.is_peer for name, side in contest.sides.items() if name not in without)
    pythons = {False: Path(sys.executable), True: peers_python() if has_peers else Path(sys.executable)}
    found = measured(contest, size=size, folder=folder, repeats=options.repeats, pythons=pythons, without=without)
    told = _as_json(found)
    if options.json:
        print(json.dumps({"contest": contest.name, "size": size, "unit": contest.unit, **told}), flush=True)
    else:
        _print(contest, size, found)
    if options.keep_results:
        _keep(contest, size, told)


def _keep(contest: Contest, size: int, told: Mapping[str, Any]) -> None:
    path = RESULTS / f"{contest.name}.json"
    sizes: dict[str, Any] = json.loads(path.read_text())["sizes"] if path.exists() else {}
    sizes[str(size)] = _beside_earlier(told, sizes.get(str(size)))
    RESULTS.mkdir(exist_ok=True)
    ordered = {key: sizes[key] for key in sorted(sizes, key=int)}
    path.write_text(json.dumps({"contest": contest.name, "sizes": ordered}, indent=1) + "\n")


def _beside_earlier(told: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what was found, with what an earlier run found of programs that were left out: their times are those of its Yutang."""
    before = earlier["sides"] if earlier else {}
    kept = {
        name: {"yutang_then": before["yutang"]["median"], **one}
        for name, one in before.items()
        if name not in told["sides"]
    }
    return {**told, "sides": {**told["sides"], **kept}}


def _as_json(found: Mapping[str, Measured]) -> dict[str, Any]:
    """Return what was measured; ``times`` is a program's median by that of Yutang."""
    ours = found["yutang"].median
    sides = {
        name: {
            "seconds": [round(each, 4) for each in one.seconds],
            "median": round(one.median, 4),
            "times": round(one.median / ours, 3),
            "peak_mib": one.peak_mib,
            "versions": one.versions,
        }
        for name, one in found.items()
    }
    return {"measured_at": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine(), "sides": sides}


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
