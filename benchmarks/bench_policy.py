"""Measure the contact policy and the planner for an audience of everybody and one campaign, on SQLite.

    python benchmarks/bench_policy.py --people 1000000

People, consents and messages of the last 60 days lie in the lake, the quota and what changed since in the store. One JSON
object on standard output: seconds of deciding, of giving half as many places as there are takers, and of keeping every
decision and planned message; seconds of the processor for the first two, which a busy machine does not stretch; peak memory
before the keeping and after it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

NOW = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
MESSAGES_A_PERSON = 5


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
        json.dump(measure(asked.people, asked.seed), sys.stdout, indent=2)


def prepare(folder: str, people: int, seed: int) -> None:
    """Make the store and write the made-up facts into it and into the lake."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    facts = made_up(people, np.random.default_rng(seed))
    write_lake(Path(folder) / "lake", facts)
    use_quota(facts["customers_customer"])


def measure(people: int, seed: int) -> dict[str, Any]:
    """Return what deciding, planning and keeping took."""
    from yutang.channels.actions import Wish, plan_audience
    from yutang.channels.audience import decide_audience
    from yutang.channels.organisation import current_policy
    from yutang.channels.planning import Candidates, chosen
    from yutang.channels.rules import Request
    from yutang.foundation.access import Actor

    actor, keys = Actor.system(), np.arange(1, people + 1)
    expected = np.random.default_rng(seed).integers(0, 100_000, people)
    start, cpu = time.perf_counter(), time.process_time()
    request = Request("promotion", "wecom", NOW, content="summer")
    found = decide_audience(access=actor, customer_ids=keys, request=request, policy=current_policy())
    decided = time.perf_counter()
    takers = np.flatnonzero(found.decisions.outcome <= 1)
    pool = np.zeros(len(takers), dtype=np.int64)
    got = chosen(candidates=Candidates(keys[takers], expected[takers], pool, (len(takers) // 2,)))
    placed = time.perf_counter()
    cpu_s, before_keeping = time.process_time() - cpu, peak_mib()
    wish = Wish("summer", "wecom", "promotion", keys, expected, content="summer")
    begun = time.perf_counter()
    plan = plan_audience(actor=actor, wishes=[wish], slots={"wecom": len(takers) // 2}, now=NOW)[0]
    kept = time.perf_counter()
    return {
        "people": people,
        "decide_s": round(decided - start, 2),
        "plan_s": round(placed - decided, 2),
        "decide_and_plan_s": round(placed - start, 2),
        "decide_and_plan_cpu_s": round(cpu_s, 2),
        "places": int(got.sum()),
        "peak_mib": before_keeping,
        "decide_plan_and_keep_s": round(kept - begun, 2),
        "peak_with_keeping_mib": peak_mib(),
        "outcomes": plan.outcomes,
        "reasons": plan.reasons,
    }


def made_up(people: int, chance: np.random.Generator) -> dict[str, dict[str, Any]]:
    """Return columns of tables of the lake: everybody, two entries of consent each, some messages each."""
    keys = np.arange(1, people + 1)
    joined = microseconds(NOW - timedelta(days=1)) - chance.integers(0, 700 * 86_400, people) * 1_000_000
    owner = chance.integers(1, people + 1, people * MESSAGES_A_PERSON)
    at = microseconds(NOW) - chance.integers(60, 60 * 86_400, len(owner)) * 1_000_000
    n = len(owner)
    return {
        "customers_customer": {
            "customer_id": keys,
            "first_seen_at": joined.astype("datetime64[us]"),
            "phones": np.ones(people, dtype=np.int32),
            "wecoms": (chance.random(people) < 0.9).astype(np.int32),
            "emails": np.zeros(people, dtype=np.int32),
        },
        "customers_consent": {
            "consent_id": np.arange(1, 2 * people + 1),
            "customer_id": np.concatenate([keys, keys]),
            "purpose": np.repeat(["promotion", "service"], people),
            "channel": chance.choice(["any", "wecom"], 2 * people),
            "granted": (chance.random(2 * people) < 0.85).astype(np.int16),
            "occurred_at": np.concatenate([joined, joined + 1]).astype("datetime64[us]"),
        },
        "channels_touch": {
            "touch_id": np.arange(1, n + 1),
            "customer_id": owner,
            "channel": chance.choice(["wecom", "sms"], n, p=[0.9, 0.1]),
            "intent": chance.choice(["value", "service", "promotion"], n, p=[0.75, 0.2, 0.05]),
            "content": chance.choice(["a", "b", "summer"], n, p=[0.6, 0.38, 0.02]),
            "state": np.full(n, "sent"),
            "touch_at": at.astype("datetime64[us]"),
            "business_date": at.astype("datetime64[us]").astype("datetime64[D]"),
        },
    }


def write_lake(root: Path, facts: dict[str, dict[str, Any]]) -> None:
    """Write the tables into a lake; columns that are not named are null."""
    from yutang.ingest.published import PUBLISHED
    from yutang.lake.columns import schema_of
    from yutang.lake.manifest import Lake, Manifest
    from yutang.lake.partitions import PartitionWriter

    manifests = {}
    for table in PUBLISHED:
        schema, given = schema_of(table.columns), facts.get(table.name, {})
        n = len(next(iter(given.values()), []))
        columns = [
            pa.array(given[one.name]).cast(one.type) if one.name in given else pa.nulls(n, one.type) for one in schema
        ]
        with PartitionWriter(
            root=root, table=table.name, schema=schema, month_column=table.month_column, sorted_by=table.sorted_by
        ) as writer:
            for batch in pa.Table.from_arrays(columns, schema=schema).to_batches(max_chunksize=100_000):
                writer.write(batch)
            files = writer.finish()
        manifests[table.name] = Manifest(table.name, 1, dict(table.columns), table.declaration, files)
    lake = Lake(root)
    with lake.writing():
        lake.swap(manifests=manifests, sync={}, now=NOW)


def use_quota(people: dict[str, Any]) -> None:
    """Let a twentieth of the people have used up today's place."""
    from django.db import transaction

    from yutang.foundation.bulk import insert_rows

    with transaction.atomic():
        rows = [(int(key), "", "wecom:day:2026-07-01", 1) for key in people["customer_id"][::20]]
        insert_rows("channels_quotause", ("customer_id", "group_key", "slot", "used"), rows)


def microseconds(instant: datetime) -> int:
    """Return an instant as whole microseconds since 1970 (UTC)."""
    return (instant - datetime.combine(date(1970, 1, 1), datetime.min.time(), UTC)) // timedelta(microseconds=1)


def peak_mib() -> int:
    """Return the most memory that this process has held so far. MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
