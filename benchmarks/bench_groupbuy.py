"""Replay real group-buying by several workers on SQLite and PostgreSQL, and measure how fast places are taken.

    python benchmarks/bench_groupbuy.py --groups 259829
    python benchmarks/bench_groupbuy.py --database postgresql --groups 20000 --joins 4000

One JSON object a database on standard output: what differs from the data (nothing may), then joins a second and their times,
of joins alone and of joins with their payment in the replay; and of how many people who want the last place at once one gets it. The data
is found by `YUTANG_REFERENCE_DATA`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from benchmarks import groupbuy_replay as replay  # noqa: E402


def main() -> None:
    """Measure on each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--groups", type=int, default=4_000)
    parser.add_argument("--joins", type=int, default=4_000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=6)
    asked = parser.parse_args()
    for name in ("postgresql", "sqlite") if asked.database == "both" else (asked.database,):
        with store(name) as environment:
            os.environ |= environment
            context = multiprocessing.get_context("spawn")
            child = context.Process(target=measure, args=(name, asked))
            child.start()
            child.join()
            if child.exitcode:
                sys.exit(f"{name}: the measuring failed")


@contextmanager
def store(name: str) -> Iterator[dict[str, str]]:
    """Yield the environment of an empty store."""
    import run_tests

    with tempfile.TemporaryDirectory(prefix="bench-groupbuy-") as folder:
        home = {"YUTANG_HOME": folder, "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
        if name == "sqlite":
            yield {**home, "DATABASE_URL": f"sqlite:///{folder}/store.sqlite3"}
            return
        with run_tests.postgresql(Path(folder)) as url:
            if url is None:
                sys.exit("PostgreSQL could not be started here")
            yield {**home, "DATABASE_URL": url.replace("/yutang", "/postgres")}


def measure(name: str, asked: argparse.Namespace) -> None:
    """Replay, then join as fast as possible, then want one last place; print."""
    _begin()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    folder = Path(os.environ.get("YUTANG_REFERENCE_DATA") or ROOT / "../shared/data") / "beibei_groupbuy"
    found = replay.courses(folder, most=asked.groups)
    keys = replay.prepare(found)
    print(f"{name}: {len(found)} groups, {len(keys)} people", file=sys.stderr, flush=True)
    steps = replay.steps_of(found, seed=asked.seed, days=len(found) / 500)
    played = replayed(found, steps, keys, asked.workers)
    print(f"{name}: replayed in {played['replay_s']} s", file=sys.stderr, flush=True)
    replay.end_everything(found, steps)
    differs = list(replay.differences(found, keys))
    rate = joined(sorted(keys.values()), asked.joins, asked.workers)
    json.dump(
        {"database": name, "groups": len(found), "differences": differs[:20], **played, **rate}, sys.stdout, indent=2
    )
    print(flush=True)
    if differs:
        sys.exit(1)


def replayed(
    found: Sequence[replay.Course], steps: Sequence[replay.Step], keys: dict[int, int], workers: int
) -> dict[str, Any]:
    """Play all steps by several processes, and return what it took."""
    context = multiprocessing.get_context("spawn")
    clocks, results = context.Array("d", [0.0] * workers), context.Queue()
    children = [
        context.Process(target=_play, args=(steps[n::workers], found, keys, clocks, n, results)) for n in range(workers)
    ]
    begun = time.perf_counter()
    for child in children:
        child.start()
    told = [results.get() for _ in children]
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        sys.exit("a worker failed")
    seconds = time.perf_counter() - begun
    joins, payments = ([one for worker in told for one in worker[place]] for place in (0, 1))
    return {
        "replay_s": round(seconds, 1),
        "replay_seats_per_s": round(len(joins) / seconds),
        "replay_join_ms": _quantiles(joins),
        "replay_payment_ms": _quantiles(payments),
    }


def joined(people: Sequence[int], joins: int, workers: int) -> dict[str, Any]:
    """Join groups that are open already as fast as several processes can, and return how fast that was."""
    from yutang.foundation.access import Actor
    from yutang.groupbuy import actions
    from yutang.groupbuy.actions import Wish
    from yutang.groupbuy.models import Group, Seat

    members = 5
    groups = -(-joins // (members - 1))
    people = people[: groups * members] or people
    codes = []
    for n in range(groups):
        wish = Wish(f"rate{n}", people[n % len(people)])
        token = actions.start_group(
            actor=Actor.system(), campaign=f"item-{n % replay.CAMPAIGNS}", size=members, wish=wish, now=_LATER
        )
        codes.append(Group.objects.values_list("code", flat=True).get(seats__token=token))
    work = [
        (codes[n % groups], people[(n % groups + 1 + n // groups * 7) % len(people)], f"rate{n}:j")
        for n in range(joins)
    ]
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(workers + 1), context.Queue()
    children = [context.Process(target=_join, args=(work[n::workers], gate, results)) for n in range(workers)]
    for child in children:
        child.start()
    gate.wait()
    begun = time.perf_counter()
    told = [results.get() for _ in children]
    seconds = time.perf_counter() - begun
    for child in children:
        child.join()
    times = [one for some, _cpu in told for one in some]
    return {
        "joins": len(times),
        "joins_per_s": round(len(times) / seconds),
        "join_ms": _quantiles(times),
        "join_cpu_ms": round(1_000 * sum(cpu for _some, cpu in told) / max(len(times), 1), 2),
        "seats": Seat.objects.filter(key__startswith="rate").count(),
    }


_LATER = replay.T0.replace(year=2028)


def _play(steps: Any, found: Any, keys: Any, clocks: Any, number: int, results: Any) -> None:
    _begin()

    def clock(at: float) -> float:
        clocks[number] = at
        return min(clocks)

    timings = replay.Timings()
    replay.play(steps, found=found, keys=keys, clock=clock, timings=timings)
    results.put((timings.joins, timings.payments))


def _join(work: Sequence[tuple[str, int, str]], gate: Any, results: Any) -> None:
    _begin()
    from yutang.foundation.access import Actor
    from yutang.groupbuy import actions
    from yutang.groupbuy.actions import Wish
    from yutang.kit.errors import DomainError

    times = []
    Wish("warm", 1)
    gate.wait()
    cpu = time.process_time()
    for code, person, key in work:
        begun = time.perf_counter()
        try:
            actions.join_group(actor=Actor.system(), code=code, wish=Wish(key, person), now=_LATER)
        except DomainError as refusal:
            sys.exit(str(refusal))
        times.append(time.perf_counter() - begun)
    results.put((times, time.process_time() - cpu))


def _begin() -> None:
    import django

    django.setup()


def _quantiles(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {}
    ordered = sorted(seconds)
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {name: round(1_000 * ordered[int(share * (len(ordered) - 1))], 2) for name, share in shares.items()}


if __name__ == "__main__":
    main()
