"""Measure summary, BG/NBD, Gamma-Gamma and 12-month values of simulated customers, beside `lifetimes` on the same sales.

    python benchmarks/bench_value.py --customers 1000000
    python benchmarks/bench_value.py --customers 100000 --without-peer
    python benchmarks/bench_value.py --without-peer --regions 6

With `--regions` the people buy first in stores of so many regions, all by one habit, and choosing between models of regions and
models for all is measured too, apart from the rest. Both sides read the same Parquet files and end with one value a customer, each
in a process of its own; `lifetimes` in the environment of the peers. One JSON object on standard output.
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
from datetime import timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))


def main() -> None:
    """Run the benchmark, or the part of it that a child process is told to do."""
    options = _options()
    if options.part == "lake":
        _set_up(options.folder)
        print(json.dumps(_lake(options)))
    elif options.part == "ours":
        _set_up(options.folder)
        print(json.dumps(_ours(options.folder / "lake", has_regions=options.regions > 0)))
    else:
        with tempfile.TemporaryDirectory(prefix="bench-value-") as folder:
            print(json.dumps(_all(options, Path(folder))))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--regions", type=int, default=0, help="measure the choice of models of so many regions too")
    parser.add_argument("--without-peer", action="store_true", help="leave `lifetimes` out")
    parser.add_argument("--peer", type=Path, help="Python of an environment that has `lifetimes` already")
    parser.add_argument("--part", choices=["lake", "ours"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _all(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    told = {"folder": folder, "customers": options.customers, "seed": options.seed, "regions": options.regions}
    result: dict[str, Any] = {"lake": part("lake", **told), "ours": part("ours", **told)}
    if options.without_peer:
        return result
    from benchmarks.compare.environment import peers_python
    from value_lake import last_day

    peer = _json_of(
        [
            str(options.peer or peers_python()),
            str(HERE / "value_peer.py"),
            f"{folder}/lake/orders_order/*.parquet",
            str(last_day()),
        ]
    )
    ours = result["ours"]
    result["peer"] = peer
    result["ratios"] = {
        **{each: round(sum(peer[each].values()) / sum(ours[each].values()), 1) for each in ("seconds", "cpu_seconds")},
        "memory": round(peer["peak_mib"] / ours["peak_mib"], 2),
    }
    return result


def part(name: str, *, folder: Path, customers: int, seed: int = 1, regions: int = 0) -> Any:
    """Let a process of its own do one part, ``lake`` or ``ours``, and return what it tells."""
    given = ["--folder", folder, "--customers", customers, "--seed", seed, "--regions", regions]
    return _json_of([sys.executable, str(HERE / "bench_value.py"), "--part", name, *map(str, given)])


def _json_of(command: list[str]) -> Any:
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(child.stdout.splitlines()[-1])


def _set_up(folder: Path) -> None:
    os.environ["YUTANG_HOME"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "yutang.config.settings"
    sys.path.insert(0, str(HERE.parent / "src"))
    import django

    django.setup()
    from django.utils.module_loading import autodiscover_modules

    autodiscover_modules("lake_tables")


def _lake(options: argparse.Namespace) -> dict[str, int]:
    from value_lake import write_lake

    lake = options.folder / "lake"
    return write_lake(lake, customers=options.customers, seed=options.seed, regions=options.regions)


def _ours(lake: Path, *, has_regions: bool) -> dict[str, Any]:
    from value_lake import FROM, last_day
    from yutang.insight.lake_reading import open_engine
    from yutang.insight.value_groups import choose_models
    from yutang.insight.value_models import value_models_of, values_by_models
    from yutang.insight.valuing import fit_models, kept_form, purchase_summary
    from yutang.lake.manifest import Lake

    as_of = last_day() + timedelta(days=1)
    seconds: dict[str, float] = {}
    cpu_seconds: dict[str, float] = {}

    def timed(name: str, work: Any) -> Any:
        started, spent = time.perf_counter(), time.process_time()
        found = work()
        seconds[name] = round(time.perf_counter() - started, 3)
        cpu_seconds[name] = round(time.process_time() - spent, 3)
        return found

    with open_engine(Lake(lake).snapshot()) as engine:
        summary = timed("summary", lambda: purchase_summary(engine, calibration_end=as_of, as_of=as_of, currency="CNY"))
    fits = timed("fits", lambda: fit_models(summary, currency="CNY"))
    kept = {name: kept_form(fit) for name, fit in fits.items()}
    models = value_models_of(kept, {})
    values = timed("values", lambda: values_by_models(summary, models=models, places=None, as_of=as_of, currency="CNY"))
    paid = {"seconds": dict(seconds), "cpu_seconds": dict(cpu_seconds), "peak_mib": _peak_mib()}
    chosen: dict[str, Any] = {}
    if has_regions:
        with open_engine(Lake(lake).snapshot()) as engine:
            known = {"by": "region", "begun": FROM, "known_before": as_of, "currency": "CNY"}
            choice, _ = timed("groups", lambda: choose_models(engine, summary, **known))
        outcomes = [(group.key, group.orders.outcome, group.spend.outcome) for group in choice.groups]
        chosen = {"groups": {"seconds": seconds["groups"], "peak_mib": _peak_mib(), "outcomes": outcomes}}
    return {
        "customers": summary.customers,
        "distinct": len(summary.histories().x),
        **paid,
        **chosen,
        **kept,
        "value": sum(values["value_minor"].to_pylist()) / 100,
    }


def _peak_mib() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
