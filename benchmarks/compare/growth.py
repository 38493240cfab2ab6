"""How time grows with rows: what bench_growth measured, as a part of docs/benchmarks.md."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.compare.contest import ROOT

#: What bench_growth keeps: ``{"work": {work: {size: what was measured}}}``.
RESULTS = ROOT / "benchmarks" / "results" / "growth.json"

#: Smaller sizes are not judged: what every run costs is most of their time. Orders.
_LEAST = 100_000

#: Rows and the seconds that they took, ascending.
Points = Sequence[tuple[int, float]]

_TITLES = {
    "import": "Import of Taobao's order report into an empty SQLite store",
    "import-postgresql": "Import of Taobao's order report into an empty PostgreSQL store (memory without the server's)",
    "scoring": "Scoring: histories, models of customer value, a value for everybody",
    "segment": "A segment of five conditions",
}


def a_decade(points: Points) -> float:
    """Return what ten times the rows cost, as times of time, between the fewest and the most rows."""
    (few, quick), (many, slow) = points[0], points[-1]
    return 10 ** (math.log(slow / quick) / math.log(many / few))


def a_decade_of_n_log_n(few: int, many: int) -> float:
    """Return what ten times the rows would cost between two sizes if time were n log n."""
    return a_decade([(few, few * math.log(few)), (many, many * math.log(many))])


def told_growth(contests: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of the page.

    Args:
        contests: results by contest, then by size; the one of segments is told here, too.
    """
    if not RESULTS.exists():
        return
    work: dict[str, Mapping[str, Any]] = dict(json.loads(RESULTS.read_text())["work"])
    segments = contests.get("segment", {})
    work["segment"] = {
        size: {**told, **told["sides"]["yutang"], "orders": int(size)} for size, told in segments.items()
    }
    work = {name: {size: told for size, told in sizes.items() if int(size) >= _LEAST} for name, sizes in work.items()}
    yield "## How time grows with the orders\n"
    yield f"From {_LEAST:,} orders on it is to grow no faster than n log n. A step is what the next size cost, as times of the size before"
    yield "it, beside what n log n would; below 10 times a start that costs the same at every size still counts.\n"
    into_postgresql = " (into PostgreSQL: `--work import-postgresql`)" if "import-postgresql" in work else ""
    yield f"`python benchmarks/bench_growth.py --sizes 100000 1000000 10000000`{into_postgresql}, and for segments the command"
    yield "further below.\n"
    yield "| | orders | seconds | runs | memory, MiB | step | n log n |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name, sizes in work.items():
        yield from _rows(_TITLES[name], list(sizes.values()))
    yield ""
    for name, sizes in work.items():
        points = [(one["orders"], one["median"]) for one in sizes.values()]
        if len(points) > 1:
            took, most = a_decade(points), a_decade_of_n_log_n(points[0][0], points[-1][0])
            holds = "it holds" if took <= most else "**it does not hold**"
            steep = [
                f"{more:,}"
                for (few, quick), (more, slow) in pairwise(points)
                if slow / quick > _n_log_n(more) / _n_log_n(few)
            ]
            but = f"; **the step to {', '.join(steep)} alone costs more**" if steep else ""
            cost = f"ten times the orders cost {took:.1f} times the time over all sizes, n log n {most:.1f}"
            yield f"- {_TITLES[name]}: {cost}: {holds}{but}."
    yield ""


def _rows(title: str, found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    steps = [
        (f"{more['median'] / less['median']:.1f}", f"{_n_log_n(more['orders']) / _n_log_n(less['orders']):.1f}")
        for less, more in pairwise(found)
    ]
    for one, (step, most) in zip(found, [("", ""), *steps], strict=True):
        yield (
            f"| {title} | {one['orders']:,} | {one['median']:.2f} | {len(one['seconds'])} | {one['peak_mib']:,} | {step} | {most} |"
        )


def _n_log_n(rows: int) -> float:
    return rows * math.log(rows)
