"""Measure the rooms of the console over a large store: one JSON object on standard output.

    python benchmarks/bench_screens.py --customers 1000000 --orders 3000000

Fills a SQLite store in a temporary folder (or once in the one that --keep names), and another one ten times smaller;
then asks the real console as the owner, as the manager of one store and as an area manager of twenty. Each kind of
request is asked with ever different people, words and pages. `queries` that differ between the stores grow with rows.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.serving import environment_of


def main() -> None:
    """Run the benchmark, or one part of it in a process of its own."""
    options = _options()
    if options.part:
        print(json.dumps(_part(options)))
        return
    folder = Path(options.keep or tempfile.mkdtemp(prefix="bench-screens-"))
    try:
        print(json.dumps(_whole(options, folder)))
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=3_000_000)
    parser.add_argument("--requests", type=int, default=100, help="how often each kind is asked")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder in which filled stores stay and are found again")
    parser.add_argument("--only", default="", help="only kinds whose name holds this")
    parser.add_argument("--no-smaller", action="store_true", help="leave the ten times smaller store out")
    parser.add_argument("--until", help=argparse.SUPPRESS)
    parser.add_argument("--part", choices=("fill", "ask"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _whole(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    large = _of_size(options, folder, options.customers, options.orders)
    result: dict[str, Any] = {"customers": options.customers, "orders": options.orders, **large}
    if options.no_smaller:
        return result
    smaller = _of_size(options, folder, options.customers // 10, options.orders // 10)
    for kind, measured in large["kinds"].items():
        measured["queries_when_smaller"] = smaller["kinds"][kind]["queries"]
        measured["p95_when_smaller"] = smaller["kinds"][kind]["p95"]
    return {
        **result,
        "memory_when_smaller": smaller["memory"],
        "over_150_ms": sorted(kind for kind, one in large["kinds"].items() if one["p95"] > 150),
        "growing_queries": sorted(
            kind for kind, one in large["kinds"].items() if one["queries"][1] > one["queries_when_smaller"][1]
        ),
    }


def _of_size(options: argparse.Namespace, folder: Path, customers: int, orders: int) -> dict[str, Any]:
    home = folder / f"screens-{customers}-{orders}-{options.seed}"
    done = home / "filled.json"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        done.write_text(json.dumps(_child(options, home, "fill", customers, orders)))
    return {"fill_seconds": json.loads(done.read_text()), **_child(options, home, "ask", customers, orders)}


def fill(home: Path, *, customers: int, orders: int, until: date, seed: int = 1) -> dict[str, Any]:
    """Fill a new store that ends on a day, in a process of its own, and return how long each part took. Seconds."""
    home.mkdir(parents=True)
    options = argparse.Namespace(only="", seed=seed, requests=0, until=until.isoformat())
    return _child(options, home, "fill", customers, orders)


def asked(home: Path, *, customers: int, orders: int, requests: int, seed: int = 1) -> dict[str, Any]:
    """Ask every kind of request of a store that ``fill`` filled, and return figures by kind and the memory of the process."""
    options = argparse.Namespace(only="", seed=seed, requests=requests, until=None)
    return _child(options, home, "ask", customers, orders)


def _child(options: argparse.Namespace, home: Path, part: str, customers: int, orders: int) -> dict[str, Any]:
    """Run a part in a process of its own: what filling leaves in memory is not the web's."""
    told = ["--part", part, "--customers", str(customers), "--orders", str(orders), "--only", options.only]
    told += ["--seed", str(options.seed), "--requests", str(options.requests)]
    told += ["--until", options.until] if options.until else []
    answer = subprocess.run(
        [sys.executable, __file__, *told], env=environment_of(home), check=True, stdout=subprocess.PIPE
    )
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def _part(options: argparse.Namespace) -> dict[str, Any]:
    import django
    from django.core.management import call_command

    django.setup()
    if options.part == "fill":
        from benchmarks.screens_store import Filling, end_on

        if options.until:
            end_on(date.fromisoformat(options.until))
        call_command("migrate", verbosity=0)
        return dict(Filling(customers=options.customers, orders=options.orders, seed=options.seed).run())
    from benchmarks.screens_asking import Asking

    return Asking(
        customers=options.customers, orders=options.orders, requests=options.requests, seed=options.seed
    ).measured(only=options.only)


if __name__ == "__main__":
    main()
