"""Measure one experiment with everybody in it: the draw, the keeping in SQLite, and the reading of what followed from the lake.

    python benchmarks/bench_experiments.py --people 1000000

People have four orders each over half a year and half of them an entry of consent. One JSON object on standard output: seconds of drawing
(hashing alone), of drawing and keeping, of asking again, of reading all measures; peak memory after each.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.bench_policy import microseconds, peak_mib, write_lake

NOW = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
DRAWN = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
ORDERS_A_PERSON = 4
KEY = "campaign:summer"


def main() -> None:
    """Make up the facts, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"YUTANG_HOME": folder, "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        # In a process of its own, so that the memory of making things up is not measured.
        child = multiprocessing.get_context("spawn").Process(target=prepare, args=(folder, asked.people, asked.seed))
        child.start()
        child.join()
        if child.exitcode:
            sys.exit("the facts could not be made up")
        import django

        django.setup()
        json.dump(measure(asked.people), sys.stdout, indent=2)


def prepare(folder: str, people: int, seed: int) -> None:
    """Make the store, begin the experiment, and write the made-up facts into the lake."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from yutang.experiments.actions import begin_experiment
    from yutang.experiments.models import Experiment
    from yutang.foundation.access import Actor

    begin_experiment(actor=Actor.system(), key=KEY, title="Summer", now=DRAWN)
    write_lake(
        Path(folder) / "lake", made_up(people, bytes(Experiment.objects.get().salt), np.random.default_rng(seed))
    )


def made_up(people: int, salt: bytes, chance: np.random.Generator) -> dict[str, dict[str, Any]]:
    """Return columns of tables of the lake; who is not held out buys a little more often after the draw."""
    from yutang.experiments.assignment import arms_of_people

    keys = np.arange(1, people + 1)
    arms = arms_of_people(salt=salt, customer_ids=keys, shares=[1_000, 9_000])
    buyer = chance.integers(1, people + 1, people * ORDERS_A_PERSON)
    at = microseconds(DRAWN) + chance.integers(-120 * 86_400, 60 * 86_400, len(buyer)) * 1_000_000
    # One in twenty orders of those held out in the days after the draw did not come about.
    kept = (at < microseconds(DRAWN)) | (arms[buyer - 1] > 0) | (chance.random(len(buyer)) > 0.05)
    buyer, at = buyer[kept], at[kept]
    n, instants = len(buyer), at.astype("datetime64[us]")
    withdrew = keys[::2]
    return {
        "customers_customer": {"customer_id": keys},
        "customers_consent": {
            "consent_id": withdrew,
            "customer_id": withdrew,
            "purpose": np.full(len(withdrew), "promotion"),
            "channel": np.full(len(withdrew), "any"),
            "granted": (chance.random(len(withdrew)) > 0.02).astype(np.int16),
            "occurred_at": (microseconds(DRAWN) + chance.integers(-90, 30, len(withdrew)) * 86_400_000_000).astype(
                "datetime64[us]"
            ),
        },
        "orders_order": {
            "order_id": np.arange(1, n + 1),
            "customer_id": buyer,
            "status": np.full(n, 40, dtype=np.int16),
            "placed_at": instants,
            "business_date": instants.astype("datetime64[D]"),
            "currency": np.full(n, "CNY"),
            "total_minor": chance.integers(1_000, 50_000, n),
            "refunded_minor": np.zeros(n, dtype=np.int64),
        },
        "experiments_assignment": {
            "assignment_id": keys,
            "experiment_id": np.ones(people, dtype=np.int64),
            "customer_id": keys,
            "arm": arms,
            "version": np.zeros(people, dtype=np.int16),
            "assigned_at": np.full(people, microseconds(DRAWN)).astype("datetime64[us]"),
            "assigned_date": np.full(people, np.datetime64(DRAWN.date())),
        },
    }


def measure(people: int) -> dict[str, Any]:
    """Return what drawing, keeping and reading took."""
    from yutang.experiments.actions import draw_people
    from yutang.experiments.assignment import arms_of_people
    from yutang.experiments.figures import read_figures
    from yutang.experiments.models import Experiment
    from yutang.experiments.queries import latest_result
    from yutang.foundation.access import Actor
    from yutang.insight.lake_reading import open_engine

    actor, keys, row = Actor.system(), np.arange(1, people + 1), Experiment.objects.get()
    told: dict[str, Any] = {"people": people}
    begun, cpu = time.perf_counter(), time.process_time()
    arms_of_people(salt=bytes(row.salt), customer_ids=keys, shares=[1_000, 9_000])
    told |= {"draw_s": passed(begun), "draw_cpu_s": round(time.process_time() - cpu, 2)}
    begun, cpu = time.perf_counter(), time.process_time()
    with open_engine() as engine:
        figures = read_figures(engine, experiment=row, as_of=NOW.date(), currency="CNY")
    told |= {"read_s": passed(begun), "read_cpu_s": round(time.process_time() - cpu, 2), "read_peak_mib": peak_mib()}
    begun = time.perf_counter()
    draw_people(actor=actor, key=KEY, customer_ids=keys, now=DRAWN)
    told |= {"draw_and_keep_s": passed(begun), "keep_peak_mib": peak_mib()}
    begun = time.perf_counter()
    draw_people(actor=actor, key=KEY, customer_ids=keys, now=DRAWN + timedelta(days=1))
    told["ask_again_s"] = passed(begun)
    keep_reading(row, figures)
    begun = time.perf_counter()
    result = latest_result(access=actor, key=KEY)
    told["page_s"] = passed(begun)
    effect = result.of("bought")[0].effect if result else None
    told["bought_points"] = round(100 * effect.value, 3) if effect else None
    return told


def keep_reading(row: Any, figures: Any) -> None:
    """Keep what was read, so that the page has it."""
    from yutang.experiments.models import Reading

    Reading.objects.create(experiment=row, as_of=figures.as_of, currency="CNY", taken_at=NOW, figures=figures.as_json())


def passed(begun: float) -> float:
    """Return seconds since then."""
    return round(time.perf_counter() - begun, 2)


if __name__ == "__main__":
    main()
