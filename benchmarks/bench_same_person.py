"""Who is who, against the truth: a simulated chain with shared, masked and recycled phones is imported and scored.

    python -m benchmarks.bench_same_person --customers 6000 --seeds 7 8 9

Prints one JSON object: pairwise precision and recall of orders put to people, and the wrongly joined customers, by seed.
Recall is given once more without the platforms whose files hide every buyer: nobody could tell whose those orders are.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Platforms whose files hide every buyer.
HIDING = {"pdd", "douyin"}


def main() -> None:
    """Score every seed in a process and a home of its own."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=6000)
    options.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.folder:
        print(json.dumps(scored(arguments.folder)))
        return
    results = {}
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as folder:
            results[seed] = simulated(Path(folder), seed, arguments.customers)
    print(json.dumps(results, ensure_ascii=False, indent=1))


def simulated(folder: Path, seed: int, customers: int) -> dict:
    """Simulate a chain, import all its files and score them."""
    environment = {**os.environ, "YUTANG_HOME": str(folder / "home"), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    environment["DJANGO_SETTINGS_MODULE"] = "yutang.config.settings"
    command = [sys.executable, "-m", "yutang.cli.main", "simulate", "--out", str(folder / "chain"), "--seed", str(seed)]
    subprocess.run(
        [*command, "--customers", str(customers), "--json"], env=environment, check=True, stdout=subprocess.DEVNULL
    )
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_same_person", "--folder", str(folder / "chain")],
        env=environment,
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout.splitlines()[-1])


def scored(folder: Path) -> dict:
    """Import every export file of a simulated chain into the store of this process and score who was taken for whom."""
    import django

    django.setup()
    from datetime import UTC, datetime

    from django.core.management import call_command
    from django.db import connection

    from yutang.demo.filling import load_chain
    from yutang.foundation.access import Actor
    from yutang.ingest import actions
    from yutang.ingest.running import run
    from yutang.simulator.plan import PLATFORMS
    from yutang.simulator.scoring import read_truth, score

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    load_chain(folder / "chain.json", now=now)
    for path in sorted(p for p in (folder / "exports").rglob("*") if p.is_file()):
        record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=now)
        run(import_id=record.pk, clock=lambda: datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.platform, o.number, o.customer_id FROM orders_order o JOIN orders_shop s ON s.id = o.shop_id"
        )
        found = [("till" if platform == "own" else platform, number, person) for platform, number, person in cursor]
        cursor.execute("SELECT status, kind, COUNT(*) FROM customers_reviewcase GROUP BY 1, 2")
        cases = {f"{status} {kind}": n for status, kind, n in cursor.fetchall()}
        cursor.execute("SELECT COUNT(*) FROM customers_customer WHERE merged_into_id IS NULL")
        people = cursor.fetchone()[0]
    told = [platform for platform in PLATFORMS if platform not in HIDING]
    return {
        **score(read_truth(folder), found).as_json(),
        "recall_where_buyers_are_told": score(read_truth(folder, platforms=told), found).recall,
        "people_found": people,
        "review_cases": cases,
    }


if __name__ == "__main__":
    main()
