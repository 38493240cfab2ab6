"""Measure the same questions on DuckDB and on a Spark cluster of this machine, over growing lakes of made-up orders.

    make setup-spark
    python benchmarks/bench_engines.py --orders 1000000 4000000 16000000

The cluster has a master and two workers of one core each and cuts what it shuffles into four parts; DuckDB has two threads and the
memory of `YUTANG_QUERY_MEMORY`. Each question is asked once that does not count, then some times. One JSON object on standard output:
by size and question the median of the seconds that one waits and of the seconds of processors that were spent, with all processes of
Spark. Both must find as many rows. From the spent seconds, which depend little on what else the machine does, follows how many
times the cores of one machine a cluster needs to answer as soon, at best: if more cores share the work without loss. `cores` has it by
size; `million_orders` between which of the measured sizes a cluster with some times the cores gets ahead. What was found of other sizes
and questions stays beside it in benchmarks/results.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yutang.lake.engines.base import Engine

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "engines.json"
DAY = date(2026, 7, 1)
THREADS = 2
#: Clusters whose crossover is sought: how many times the cores of the one machine they have.
CLUSTERS = (4, 8, 16)
#: What a clock of processors tells apart. Seconds.
_TICK = 0.01
QUESTIONS: dict[str, dict[str, Any]] = {
    "insight.cohorts": {"first_month": 2024 * 12 + 6, "end_date": DAY, "stores": None},
    "insight.rhythm": {"as_of": DAY},
    "insight.daily_sales": {"start_date": date(2026, 6, 1), "end_date": DAY, "currency": "CNY", "stores": None},
}
#: Grades are counted by this process where DuckDB is in it, and by the query `insight.rfm` on a cluster.
ASKED = ("grades", *QUESTIONS, "rule")
RULE = {
    "version": 1,
    "rule": {
        "all": [
            {"event": "order", "is": "at_least", "value": 3, "when": {"within_days": 365}},
            {"event": "order", "is": "at_least", "measure": "amount_minor", "value": 50_000},
            {"field": "last_order", "is": "not_within_days", "value": 30},
        ]
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, nargs="+", default=[300_000, 1_000_000, 3_000_000])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--keep-results", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--questions", choices=ASKED, nargs="+", default=ASKED)
    parser.add_argument("--worker-memory", default="2g")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yutang.config.settings")
    os.environ["YUTANG_QUERY_THREADS"] = str(THREADS)
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    from scripts.spark_cluster import what_is_missing

    if what_is_missing():
        print(json.dumps({"skipped": what_is_missing()}))
        return
    with tempfile.TemporaryDirectory(prefix="yutang-engines-") as folder:
        os.environ["YUTANG_HOME"] = os.environ["SPARK_CONF_DIR"] = folder
        Path(folder, "spark-defaults.conf").write_text(f"spark.sql.shuffle.partitions {2 * THREADS}\n")
        found = measured(Path(folder), given)
    told = _beside_kept(found)
    if given.keep_results:
        RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


def _beside_kept(found: dict[int, Any]) -> dict[str, Any]:
    """Return what is kept of other sizes and questions with what was found."""
    from benchmarks.compare.environment import machine, versions

    sizes: dict[str, Any] = json.loads(RESULTS.read_text())["orders"] if RESULTS.exists() else {}
    for size, engines in found.items():
        kept = sizes.setdefault(str(size), {})
        for engine, answers in engines.items():
            kept[engine] = {**kept.get(engine, {}), **answers}
    sizes = {size: sizes[size] for size in sorted(sizes, key=int)}
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": machine(),
        "versions": versions(),
        "orders": sizes,
        "crossover": {name: _crossover(sizes, name) for name in ASKED},
    }


def measured(folder: Path, given: argparse.Namespace) -> dict[int, Any]:
    """Return what was found, by size, engine and question."""
    import django

    django.setup()
    from scripts.spark_cluster import cluster

    from benchmarks.order_lake import order_lake
    from yutang.lake.engines.base import Engine
    from yutang.lake.engines.duckdb import DUCKDB
    from yutang.lake.engines.spark import leave, spark_at

    found: dict[int, Any] = {}
    with cluster(folder / "cluster", memory=given.worker_memory) as address:
        spark = spark_at(address)
        for size in given.orders:
            snapshot = order_lake(orders=size, customers=max(size // 8, 1_000), root=folder / f"lake-{size}")
            engines = {}
            for dialect in (DUCKDB, spark):
                with Engine(dialect=dialect, snapshot=snapshot) as engine:
                    engines[dialect.name] = _seconds(engine, given.questions, given.times)
            rows = {json.dumps(engine.pop("rows")) for engine in engines.values()}
            if len(rows) > 1:
                sys.exit(f"DuckDB and Spark do not find as many rows: {rows}")
            found[size] = engines
            print(f"{size:,} orders: {engines}", file=sys.stderr, flush=True)
        leave(address)
    return found


def _seconds(engine: Engine, questions: Sequence[str], times: int) -> dict[str, Any]:
    """Return the medians of each question, and how many rows each has."""
    found: dict[str, Any] = {"rows": {}}
    for name in questions:
        waited, spent = [], []
        for _ in range(times + 1):
            begun, before = time.perf_counter(), _spent()
            rows = _asked(engine, name)
            waited.append(time.perf_counter() - begun)
            spent.append(_spent() - before)
        found[name] = {
            "waited": round(statistics.median(waited[1:]), 3),
            "spent": round(statistics.median(spent[1:]), 3),
        }
        found["rows"][name] = rows
    return found


def _spent() -> float:
    """Return the seconds of processors that this process and all below it have spent: workers, executors and the driver are of them."""
    parents, seconds = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            seconds[int(path.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    ours = {os.getpid()}
    while more := {key for key, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(seconds[key] for key in ours)


def _asked(engine: Engine, name: str) -> int:
    from yutang.insight.grading import graded_as_of
    from yutang.insight.rfm import RfmRules
    from yutang.lake.catalogue import catalogue_of
    from yutang.segments.rules.compiling import Standpoint, people_query
    from yutang.segments.rules.reading import rule_from_json

    if name == "grades":
        return int(graded_as_of(engine, as_of=DAY, currency="CNY", rules=RfmRules()).num_rows)
    if name == "rule":
        query = people_query(rule_from_json(RULE), Standpoint(DAY, "CNY"))
        return int(engine.execute(query.sql(), query.params).num_rows)
    return int(engine.run(catalogue_of("yutang")[name], QUESTIONS[name]).num_rows)


def _crossover(sizes: dict[str, Any], name: str) -> dict[str, Any]:
    """Return how many times the cores a cluster needs at each size, and the sizes between which it gets ahead with some times them."""
    spent = {
        int(size): (engines["spark"][name]["spent"], engines["duckdb"][name]["spent"])
        for size, engines in sizes.items()
        if name in engines["spark"]
    }
    cores = {size: round(spark / max(duckdb, _TICK), 1) for size, (spark, duckdb) in spent.items()}
    return {"cores": cores, "million_orders": {times: _ahead(cores, times) for times in CLUSTERS if cores}}


def _ahead(cores: dict[int, float], times: int) -> str:
    """Return from how many million orders on so many times the cores are enough."""
    behind = [size for size, needed in cores.items() if needed > times]
    ahead = [size for size in cores if size > max(behind, default=0)]
    if not ahead:
        return f"more than {behind[-1] / 1e6:g}"
    return f"{behind[-1] / 1e6:g} to {ahead[0] / 1e6:g}" if behind else f"less than {ahead[0] / 1e6:g}"


if __name__ == "__main__":
    main()
