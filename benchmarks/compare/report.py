"""Write docs/benchmarks.md from the results: ``python -m benchmarks.compare.report``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.compare.__main__ import RESULTS
from benchmarks.compare.contest import ROOT, Contest
from benchmarks.compare.questions import CONTESTS

PAGE = ROOT / "docs" / "benchmarks.md"

_HEAD = """\
# Beside other programs

Written by `make bench-report` from `benchmarks/results`; each table is made by the command above it. All programs read the
same Parquet files, each in a process of its own, in turn; the first answer of each does not count, and all must find the same.
Seconds are medians; **times** is a program's median by that of Yutang, so above 1 it is slower; memory is the most that its
process ever held. Growth is what ten times the rows cost: 10 is straight proportion.
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text("\n".join(_lines()) + "\n", encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written")


def _lines() -> Iterator[str]:
    yield _HEAD
    for contest in CONTESTS.values():
        path = RESULTS / f"{contest.name}.json"
        if path.exists():
            yield from _of_contest(contest, json.loads(path.read_text())["sizes"])


def _of_contest(contest: Contest, sizes: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {contest.title}\n"
    yield f"Promised: {contest.goal}. `python -m benchmarks.compare {contest.name} --sizes {' '.join(sizes)}`\n"
    yield f"| {contest.unit} | program | seconds | times | memory, MiB |"
    yield "| ---: | --- | ---: | ---: | ---: |"
    for size, found in sizes.items():
        ours = found["sides"]["yutang"]["median"]
        for name, one in sorted(found["sides"].items(), key=lambda side: float(side[1]["median"])):
            times = "1" if name == "yutang" else f"{one['median'] / ours:.2f}"
            told = f"**{name}**" if name == "yutang" else name
            yield f"| {int(size):,} | {told} | {one['median']:.3f} | {times} | {one['peak_mib']:,} |"
    yield ""
    yield from _growth(contest, sizes)
    for name, side in contest.sides.items():
        if side.most is not None and any(int(size) > side.most for size in sizes):
            yield f"{name} is asked up to {side.most:,} {contest.unit} only: {side.because}.\n"
    yield from _where(sizes)


def _growth(contest: Contest, sizes: Mapping[str, Any]) -> Iterator[str]:
    """Tell what ten times the rows cost each program, between the smallest and the largest size that it was asked at."""
    told = []
    for name in contest.sides:
        asked = [(int(size), found["sides"][name]["median"]) for size, found in sizes.items() if name in found["sides"]]
        if len(asked) > 1:
            (few, quick), (many, slow) = asked[0], asked[-1]
            told.append(f"{name} {10 ** (math.log(slow / quick) / math.log(many / few)):.1f}")
    if told:
        yield f"Growth: {', '.join(told)}.\n"


def _where(sizes: Mapping[str, Any]) -> Iterator[str]:
    last = list(sizes.values())[-1]
    machine = last["machine"]
    versions = {name: told for one in last["sides"].values() for name, told in one["versions"].items()}
    yield (
        f"Measured {last['measured_at'][:10]} on {machine['cores']} cores of {machine['processor']} with {machine['memory_gib']:.0f} GiB; "
        f"{', '.join(f'{name} {told}' for name, told in sorted(versions.items()))}.\n"
    )


if __name__ == "__main__":
    main()
