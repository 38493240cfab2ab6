"""Write docs/benchmarks.md from the results: ``python -m benchmarks.compare.report``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.compare.__main__ import RESULTS
from benchmarks.compare.contest import ROOT, Contest, Promise
from benchmarks.compare.growth import a_decade, told_growth
from benchmarks.compare.questions import CONTESTS

PAGE = ROOT / "docs" / "benchmarks.md"

_HEAD = """\
# Beside other programs

Written by `make bench-report` from `benchmarks/results`; each table is made by the command above it. All programs read the
same files, each in a process of its own, in turn; the first answer of each does not count, and all must find the same.
Seconds are medians of {repeats} or more; **times** is a program's median by that of Yutang, so above 1 it is slower; memory is the
most that its process ever held. Growth is what ten times the rows cost: 10 is straight proportion. Where the slowest answer took much
longer than the fastest, the machine did something else besides.
"""

#: Results by name of contest, then by size.
Results = Mapping[str, Mapping[str, Any]]


def main() -> None:
    """Write the page."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    PAGE.write_text("\n".join(_lines()) + "\n", encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written")


def _lines() -> Iterator[str]:
    results = {
        name: json.loads((RESULTS / f"{name}.json").read_text())["sizes"]
        for name in CONTESTS
        if (RESULTS / f"{name}.json").exists()
    }
    repeats = [len(one["seconds"]) for _, _, sides in _asked(results) for one in sides.values()]
    yield _HEAD.format(repeats=min(repeats))
    yield from _promised(results)
    yield from told_growth(results)
    yield from _lost(results)
    for name, sizes in results.items():
        yield from _of_contest(CONTESTS[name], sizes)


def _asked(results: Results) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield contest, size and sides of everything that was measured."""
    for name, sizes in results.items():
        for size, found in sizes.items():
            yield name, size, found["sides"]


def _promised(results: Results) -> Iterator[str]:
    """Tell what Yutang promises, and where it holds."""
    yield "## What is promised\n"
    yield "| question | at most | from | measured, by size | holds |"
    yield "| --- | --- | ---: | --- | --- |"
    for name, sizes in results.items():
        for promise in CONTESTS[name].promises:
            found = {size: _ratio(promise, one["sides"]) for size, one in sizes.items()}
            told = ", ".join(
                f"{int(size):,}: {ratio:.2f}{_beside_whom(promise, sizes[size]['sides'])}"
                for size, ratio in found.items()
            )
            counting = {size: ratio for size, ratio in found.items() if int(size) >= promise.since}
            broken = [f"{int(size):,}" for size, ratio in counting.items() if ratio > promise.most]
            holds = f"**not at {', '.join(broken)}**" if broken else "yes" if counting else "not measured"
            most = f"{promise.most:g} × {_quickest_of(promise)}"
            yield f"| {CONTESTS[name].title} | {most} | {promise.since:,} | {told} | {holds} |"
    yield ""


def _ratio(promise: Promise, sides: Mapping[str, Any]) -> float:
    return 1 / min(_times(sides, name) for name in promise.sides if name in sides)


def _times(sides: Mapping[str, Any], name: str) -> float:
    """Return a program's seconds by those that Yutang took in the same run."""
    one = sides[name]
    return float(one["median"]) / float(one.get("yutang_then", sides["yutang"]["median"]))


def _beside_whom(promise: Promise, sides: Mapping[str, Any]) -> str:
    """Tell who was there, where not everybody was whom the promise names."""
    there = [name for name in promise.sides if name in sides]
    return "" if len(there) == len(promise.sides) else f" (beside {' and '.join(there)} alone)"


def _quickest_of(promise: Promise) -> str:
    return promise.sides[0] if len(promise.sides) == 1 else f"the quicker of {' and '.join(promise.sides)}"


def _lost(results: Results) -> Iterator[str]:
    """Tell where another program was quicker, and where it was not but held less memory."""
    yield "## Where another program is quicker\n"
    yield "| question | size | program | Yutang takes | memory, MiB: it / Yutang |"
    yield "| --- | ---: | --- | ---: | ---: |"
    for name, size, other, sides in _beside(results):
        one, ours = sides[other], sides["yutang"]
        if (took := _times(sides, other)) < 1:
            times, memory = 1 / took, f"{one['peak_mib']:,} / {ours['peak_mib']:,}"
            yield f"| {CONTESTS[name].title} | {int(size):,} | {other} | {times:.2f} × its time | {memory} |"
    yield "\n## Where another program is slower and holds less memory\n"
    yield "| question | size | program | memory, MiB: it / Yutang | it takes |"
    yield "| --- | ---: | --- | ---: | ---: |"
    for name, size, other, sides in _beside(results):
        one, ours = sides[other], sides["yutang"]
        if (times := _times(sides, other)) >= 1 and one["peak_mib"] < ours["peak_mib"]:
            memory = f"{one['peak_mib']:,} / {ours['peak_mib']:,}"
            yield f"| {CONTESTS[name].title} | {int(size):,} | {other} | {memory} | {times:.2f} × the time |"
    yield ""


def _beside(results: Results) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Yield contest, size and name of every other program, the quickest first, with what was measured of all."""
    for name, size, sides in _asked(results):
        yield from ((name, size, other, sides) for other in _quickest_first(sides) if other != "yutang")


def _quickest_first(sides: Mapping[str, Any]) -> list[str]:
    return sorted(sides, key=lambda name: _times(sides, name))


def _of_contest(contest: Contest, sizes: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {contest.title}\n"
    if contest.remark:
        yield f"{contest.remark}.\n"
    for without, asked in _left_out(contest, sizes).items():
        left = "".join(f" {name!r}" if " " in name else f" {name}" for name in without)
        told = f" --without{left}" if without else ""
        yield f"`python -m benchmarks.compare {contest.name} --sizes {' '.join(asked)}{told}`\n"
    yield f"| {contest.unit} | program | seconds | times | slowest / fastest | memory, MiB |"
    yield "| ---: | --- | ---: | ---: | ---: | ---: |"
    for size, found in sizes.items():
        for name in _quickest_first(found["sides"]):
            one = found["sides"][name]
            times = "1" if name == "yutang" else f"{_times(found['sides'], name):.2f}"
            told = f"**{name}**" if name == "yutang" else name
            spread = max(one["seconds"]) / min(one["seconds"])
            yield f"| {int(size):,} | {told} | {one['median']:.3f} | {times} | {spread:.2f} | {one['peak_mib']:,} |"
    yield ""
    yield from _growth(contest, sizes)
    for name, side in contest.sides.items():
        if side.most is not None and any(int(size) > side.most for size in sizes):
            yield f"{name} is asked up to {side.most:,} {contest.unit} only: {side.because}.\n"
    for without, asked in _left_out(contest, sizes).items():
        if without:
            yield f"Left out at {', '.join(f'{int(size):,}' for size in asked)}, to save time: {', '.join(without)}.\n"
    for size, found in sizes.items():
        then = [f"{name} ({one['yutang_then']:.3f} s)" for name, one in found["sides"].items() if "yutang_then" in one]
        if then:
            yield f"At {int(size):,} measured in another run, with what Yutang took in it: {', '.join(then)}.\n"
    yield from _where(sizes)


def _left_out(contest: Contest, sizes: Mapping[str, Any]) -> dict[tuple[str, ...], list[str]]:
    """Return the sizes by the programs that were left out of them though they could be asked."""
    found: dict[tuple[str, ...], list[str]] = {}
    for size, one in sizes.items():
        can = [name for name, side in contest.sides.items() if side.most is None or int(size) <= side.most]
        found.setdefault(tuple(name for name in can if name not in one["sides"]), []).append(size)
    return found


def _growth(contest: Contest, sizes: Mapping[str, Any]) -> Iterator[str]:
    """Tell what ten times the rows cost each program, between the smallest and the largest size that it was asked at."""
    told = []
    for name in contest.sides:
        asked = [(int(size), found["sides"][name]["median"]) for size, found in sizes.items() if name in found["sides"]]
        if len(asked) > 1:
            told.append(f"{name} {a_decade(asked):.1f}")
    if told:
        yield f"Growth: {', '.join(told)}.\n"


def _where(sizes: Mapping[str, Any]) -> Iterator[str]:
    last = list(sizes.values())[-1]
    machine, ours = last["machine"], last["sides"]["yutang"]["versions"]
    # Peers live in an environment of their own.
    others = {
        name: told
        for one in last["sides"].values()
        if one["versions"] != ours
        for name, told in one["versions"].items()
    }
    told = _versions(ours) + (f"; others with {_versions(others)}" if others else "")
    yield (
        f"Measured {last['measured_at'][:10]} on {machine['cores']} cores of {machine['processor']} with "
        f"{machine['memory_gib']:.0f} GiB; {told}.\n"
    )


def _versions(told: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(told.items()))


if __name__ == "__main__":
    main()
