"""Plant a cause into simulated chains and ask why sales moved: one JSON object on standard output.

    python benchmarks/bench_decomposition.py --seeds 100

Each chain has one of five causes by turns (traffic, entry rate, conversion or prices of one store, a boom of newcomers on one
platform) in its last 28 days, which are compared with the 28 days before. The cause is found when its part is the largest of its
store or platform, with the right sign, and moved it more than the same part moved any other. The parts must add up each time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--customers", type=int, default=24_000)
    options = parser.parse_args()
    root = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(root), str(root / "src")]
    with tempfile.TemporaryDirectory(prefix="bench-decomposition-") as folder:
        os.environ["YUTANG_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "yutang.config.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        print(json.dumps(_measured(options, Path(folder)), ensure_ascii=False))


def _measured(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from tests.support.planted import BEFORE, NOW, PLANTED, is_found, plant

    from yutang.foundation.access import Actor
    from yutang.insight.queries import Comparison, change, sales_change

    found: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    missed, seconds = [], []
    for seed in range(options.seeds):
        planted = plant(seed, folder / f"lake-{seed}", customers=options.customers)
        kind = planted.cause.kind
        change.the_lake = type("Held", (), {"snapshot": lambda self, kept=planted.snapshot: kept})  # type: ignore[assignment]
        asked = Comparison(NOW, BEFORE, by="channel" if kind == "newcomers" else "store")
        if kind == "newcomers":
            asked = Comparison(NOW, BEFORE, by="channel", formula="new_returning")
        started = time.perf_counter()
        answer = sales_change(access=Actor.system(), today=NOW.end, asked=asked)
        seconds.append(time.perf_counter() - started)
        if sum(answer.parts.values()) != answer.difference_minor:
            raise SystemExit(f"seed {seed}: the parts do not add up")
        tried[kind] += 1
        if is_found(planted, answer):
            found[kind] += 1
        else:
            missed.append({"seed": seed, "kind": kind})
    return {
        "seeds": options.seeds,
        "customers": options.customers,
        "found": sum(found.values()),
        "found_by_kind": {kind: f"{found[kind]} of {tried[kind]}" for kind in PLANTED},
        "missed": missed,
        "median_seconds": round(sorted(seconds)[len(seconds) // 2], 3),
    }


if __name__ == "__main__":
    main()
