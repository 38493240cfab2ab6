"""Measure decisions of the guard in process, with millions of past events and a web of ties of a million people.

    python benchmarks/bench_guard.py [--people 1000000] [--events 10000000] [--asks 3000] [--connected 240000]

On the database of DATABASE_URL, which must be empty, or on SQLite in a temporary folder. One JSON object on standard output:
seconds of filling, milliseconds of a decision (median, 95th, 99th percentile; each a transaction of its own, with a new key),
of one that was given before, of a decision where every window is full, seconds of weaving what was asked, peak memory. `--connected`
of the people are one component: told beside it are seconds of weaving 2,000 asks that tie them anew, three times; at some of these all
of them are counted again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "src")]


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--asks", type=int, default=3_000)
    parser.add_argument("--connected", type=int, default=240_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"YUTANG_HOME": folder, "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
        import django

        django.setup()
        json.dump(measure(asked.people, asked.events, asked.asks, asked.connected), sys.stdout, indent=2)


def measure(people: int, events: int, asks: int, connected: int) -> dict[str, Any]:
    """Return what filling, deciding and weaving took."""
    import numpy as np
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.guard_store import NOW, fill
    from yutang.foundation.access import Actor
    from yutang.risk import things
    from yutang.risk.actions import judge
    from yutang.risk.asks import Ask

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    fill(people=people, events=events, connected=min(connected, people))
    filled, before = time.perf_counter() - began, peak_mib()
    # Things of the made-up past are known by their numbers.
    things.key_of = lambda kind, value: int(value) if value.isdigit() else _FIRST[kind] + sum(value.encode()) % 20_000  # type: ignore[assignment]
    rng, actor = np.random.default_rng(7), Actor.system()
    took, cpu, again, full = [], [], [], []

    def timed(one: Ask, into: list[float]) -> None:
        start, of_cpu = time.perf_counter(), time.process_time()
        judge(actor=actor, ask=one, now=NOW + timedelta(seconds=len(took)))
        into.append(1_000 * (time.perf_counter() - start))
        if into is took:
            cpu.append(1_000 * (time.process_time() - of_cpu))

    for at in range(asks + 50):
        person = int(rng.integers(1, people + 1))
        ask = Ask(
            kind="seat", key=f"new:{at}", person_id=person, programme="groupbuy:1",
            device=str(1_000_000_000 + (person - 1) // 2), payer=str(4_000_000_000 + (person - 1) // 3),
            address=f"10.0.{at % 200}.{at % 250}", inviter_id=int(rng.integers(1, people // 50)), value_fen=2_900,
        )  # fmt: skip
        timed(ask, took)
        timed(ask, again)
    for at in range(300):
        busy = _busy(at, int(rng.integers(1, people + 1)))
        timed(busy, full if at >= 200 else [])
    woven, weave_s = _woven(actor, NOW)
    among_many = [_tied_anew(actor, NOW, min(connected, people), at) for at in range(3)] if connected else []
    return {
        "database": connection.vendor,
        "people": people,
        "events": events,
        "fill_s": round(filled, 1),
        "decision_ms": _spread(took[50:]),
        "decision_cpu_ms": _spread(cpu[50:]),
        "decision_with_full_windows_ms": _spread(full),
        "same_key_ms": _spread(again[50:]),
        "woven": woven,
        "weave_s": weave_s,
        "connected": min(connected, people),
        "weave_2000_among_connected_s": among_many,
        "peak_mib_before": before,
        "peak_mib": peak_mib(),
    }


def _woven(actor: Any, now: Any) -> tuple[int, float]:
    """Weave what was asked, and return how many asks that were and how long it took. Seconds."""
    from yutang.risk.actions import weave_traces

    began, woven = time.perf_counter(), 0
    while some := weave_traces(actor=actor, now=now):
        woven += some
    return woven, round(time.perf_counter() - began, 2)


def _busy(at: int, person: int) -> Any:
    """Return an ask of one device, one address and one inviter of everybody: every window is as full as it is read."""
    from yutang.risk.asks import Ask

    return Ask(
        kind="seat", key=f"busy:{at}", person_id=person, device="1999999999", payer="4999999999", address="10.9.9.9",
        inviter_id=1, value_fen=2_900,
    )  # fmt: skip


def _tied_anew(actor: Any, now: Any, connected: int, at: int) -> float:
    """Let 2,000 of the connected people ask, each two of them on a device that is new, and return how long weaving took. Seconds."""
    import numpy as np

    from yutang.risk.actions import judge
    from yutang.risk.asks import Ask

    rng = np.random.default_rng(100 + at)
    for n in range(2_000):
        person, device = int(rng.integers(1, connected + 1)), 6_000_000_000 + (2_000 * at + n) // 2
        judge(
            actor=actor,
            ask=Ask(kind="seat", key=f"tied:{at}:{n}", person_id=person, programme="groupbuy:1", device=str(device)),
            now=now,
        )
    return _woven(actor, now)[1]


_FIRST = {"device": 0, "payer": 0, "place": 0, "address": 2_000_000_000, "block": 3_000_000_000}


def _spread(values: list[float]) -> dict[str, float]:
    import numpy as np

    median, p95, p99 = np.percentile(values, [50, 95, 99])
    return {"p50": round(median, 2), "p95": round(p95, 2), "p99": round(p99, 2), "most": round(max(values), 2)}


def peak_mib() -> int:
    """Return the most memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
