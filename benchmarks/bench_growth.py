"""How the time of an import and of scoring grows with the orders: one table, and benchmarks/results/growth.json beside it.

    python benchmarks/bench_growth.py
    python benchmarks/bench_growth.py --sizes 100000 1000000 10000000

An import is Taobao's order report (GBK) into an empty store, SQLite or a PostgreSQL server of its own; the server's memory does not
count. Scoring is reading what customers bought from the lake, fitting the models of customer value and valuing everybody. Each run has
a process and a store of its own; files are written before. Imports of more than two million orders are measured once. `make
bench-report` sets segments beside them, from `python -m benchmarks.compare segment`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.bench_import import child, taobao_file  # noqa: E402
from benchmarks.bench_value import part  # noqa: E402
from benchmarks.compare.environment import machine, versions  # noqa: E402
from benchmarks.compare.growth import RESULTS, a_decade, a_decade_of_n_log_n  # noqa: E402
from benchmarks.serving import postgresql  # noqa: E402

#: Orders from which on an import takes so long that it is measured once.
_ONCE = 2_000_000
#: Orders that a simulated customer of the scored lake makes, on average.
_ORDERS_A_CUSTOMER = 4.0

#: One run: seconds, and the most memory that its process held in MiB.
Run = Callable[[], tuple[float, int]]


def main() -> None:
    """Measure, print and keep what was found."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000], help="orders")
    options.add_argument("--repeats", type=int, default=5, help="runs of each size")
    options.add_argument("--work", choices=list(_WORK), nargs="+", default=list(_WORK))
    options.add_argument("--keep-results", action=argparse.BooleanOptionalAction, default=True)
    options.add_argument("--folder", type=Path, help="where files and stores are written; default: a temporary folder")
    asked = options.parse_args()
    for work in asked.work:
        found = {}
        for size in sorted(asked.sizes):
            repeats = 1 if work in _IMPORTS and size >= _ONCE else asked.repeats
            with tempfile.TemporaryDirectory(prefix="growth-", dir=asked.folder) as folder:
                found[str(size)] = _measured(work, size, Path(folder), repeats)
            if asked.keep_results:
                _keep(work, size, found[str(size)])
        _print(work, found)


def _measured(work: str, size: int, folder: Path, repeats: int) -> dict[str, Any]:
    with _WORK[work](size, folder) as (orders, once):
        runs = [once() for _ in range(repeats)]
    seconds = [round(took, 2) for took, _ in runs]
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": machine(),
        "versions": versions(),
        "orders": orders,
        "seconds": seconds,
        "median": statistics.median(seconds),
        "peak_mib": max(peak for _, peak in runs),
    }


@contextmanager
def _importing(orders: int, folder: Path) -> Iterator[tuple[int, Run]]:
    report = taobao_file(folder, orders)

    def once() -> tuple[float, int]:
        with tempfile.TemporaryDirectory(dir=folder) as home:
            done = child("--one", report, home=Path(home))
        return done["seconds"], done["peak_mib"]

    yield orders, once


@contextmanager
def _importing_into_postgresql(orders: int, folder: Path) -> Iterator[tuple[int, Run]]:
    report = taobao_file(folder, orders)

    def once() -> tuple[float, int]:
        # The server goes first, while its folder is still there.
        with tempfile.TemporaryDirectory(dir=folder) as home, postgresql(Path(home) / "server") as url:
            done = child("--one", report, home=Path(home) / "home", database=url)
        return done["seconds"], done["peak_mib"]

    yield orders, once


@contextmanager
def _scoring(orders: int, folder: Path) -> Iterator[tuple[int, Run]]:
    customers = round(orders / _ORDERS_A_CUSTOMER)
    made = part("lake", folder=folder, customers=customers)

    def once() -> tuple[float, int]:
        done = part("ours", folder=folder, customers=customers)
        return sum(done["seconds"].values()), done["peak_mib"]

    yield made["orders"], once


_IMPORTS = {"import": _importing, "import-postgresql": _importing_into_postgresql}
_WORK = {**_IMPORTS, "scoring": _scoring}


def _keep(work: str, size: int, told: dict[str, Any]) -> None:
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"work": {}}
    sizes = {**kept["work"].get(work, {}), str(size): told}
    kept["work"][work] = {key: sizes[key] for key in sorted(sizes, key=int)}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")


def _print(work: str, sizes: dict[str, Any]) -> None:
    print(f"{work}: orders, seconds, MiB")
    for one in sizes.values():
        print(f"  {one['orders']:>11,} {one['median']:>9.2f} s {one['peak_mib']:>6,} MiB", flush=True)
    points = [(one["orders"], one["median"]) for one in sizes.values()]
    if len(points) > 1:
        most = a_decade_of_n_log_n(points[0][0], points[-1][0])
        print(f"  ten times the orders cost {a_decade(points):.1f} times the time; n log n would {most:.1f} times")


if __name__ == "__main__":
    main()
