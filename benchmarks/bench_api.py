"""The API under load: rows a second that bulk calls accept and that the worker then loads, and how long reading calls take.

    python -m benchmarks.bench_api --calls 20 --rows 10000 [--postgres]

Starts the web server as `yutang up` does (two processes), on SQLite or a throw-away PostgreSQL, in a home of its own, and prints
one JSON object. The profile says where the time of one accepted call goes.
"""

from __future__ import annotations

import argparse
import cProfile
import http.client
import json
import os
import pstats
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.serving import ROOT, postgresql, web_server


def main() -> None:
    """Run the benchmark and print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=20)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--reads", type=int, default=400)
    options.add_argument("--events", type=int, default=200, help="single events a second")
    options.add_argument("--postgres", action="store_true")
    arguments = options.parse_args()
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="yutang-bench-"))
        os.environ |= {"YUTANG_HOME": home, "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
        os.environ["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
        os.environ.pop("DATABASE_URL", None)
        if arguments.postgres:
            os.environ["DATABASE_URL"] = stack.enter_context(postgresql(Path(home) / "postgres"))
        token = _made_ready()
        port = stack.enter_context(web_server(threads=4 if arguments.postgres else 1))
        result = {
            "database": "postgresql" if arguments.postgres else "sqlite",
            "processors": os.cpu_count(),
            **_accepting(port, token, calls=arguments.calls, rows=arguments.rows),
            **_reading(port, token, reads=arguments.reads),
            **_single_events(port, token, seconds=10, a_second=arguments.events),
            "profile_of_one_call": _profile(token, rows=arguments.rows),
            **_loading(arguments.calls, arguments.rows),
        }
    print(json.dumps(result, indent=1))


def _made_ready() -> str:
    """Make the tables and return a token."""
    import django
    from django.core.management import call_command
    from django.db import connections
    from django.utils import timezone

    django.setup()
    call_command("migrate", verbosity=0)
    from yutang.api.actions import create_service_token
    from yutang.foundation.access import PERMISSIONS, Actor

    made = create_service_token(
        actor=Actor.system(), name="bench", permissions=PERMISSIONS, per_minute=60_000, now=timezone.now()
    )
    connections.close_all()
    return made.secret


def _call(port: int, method: str, path: str, token: str, body: bytes | None = None, key: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    connection.request(method, f"/api/v1{path}", body=body, headers={n: v for n, v in headers.items() if v})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def _orders(call: int, rows: int) -> bytes:
    made = [
        {
            "order_number": f"B{call:04d}{number:06d}",
            "ordered_at": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}T10:{number % 60:02d}:00+08:00",
            "status": "paid",
            "customer_phone": f"139{(call * rows + number) % 50_000:08d}",
            "customer_name": "李静",
            "store_code": f"S{number % 20:02d}",
            "total_amount": "129.00",
            "lines": [
                {"product_code": f"P{number % 300}", "product_name": "纯棉上衣", "quantity": 1, "unit_price": "129.00"}
            ],
        }
        for number in range(rows)
    ]
    return json.dumps({"rows": made}, ensure_ascii=False).encode()


def _accepting(port: int, token: str, *, calls: int, rows: int) -> dict[str, Any]:
    bodies = [_orders(call, rows) for call in range(calls)]
    _call(port, "GET", "/me", token)
    begun = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda call: _call(port, "POST", "/orders/bulk", token, bodies[call], f"bench-{call}"), range(calls)
            )
        )
    seconds = time.perf_counter() - begun
    refused = [content[:200] for status, content in answers if status != 202]
    if refused:
        sys.exit(f"refused: {refused[0]!r}")
    return {
        "calls": calls,
        "rows_a_call": rows,
        "megabytes_a_call": round(len(bodies[0]) / 1e6, 2),
        "accepted_rows_per_second": round(calls * rows / seconds),
    }


def _reading(port: int, token: str, *, reads: int) -> dict[str, float]:
    took = []
    for number in range(reads):
        begun = time.perf_counter()
        status, _ = _call(port, "GET", f"/imports/{number % 20 + 1}", token)
        took.append((time.perf_counter() - begun) * 1_000)
        assert status in {200, 404}
    took.sort()
    return {"read_ms_median": round(took[reads // 2], 1), "read_ms_p99": round(took[int(reads * 0.99)], 1)}


def _single_events(port: int, token: str, *, seconds: int, a_second: int) -> dict[str, float]:
    """Send one event a call at an even rate over connections that stay, and return how long calls took from their due time."""
    warm = {
        "source": "warm",
        "events": [{"id": "w", "kind": "viewed", "happened_at": "2026-03-10T20:15:00Z", "phone": "13900000000"}],
    }
    for _ in range(20):
        _call(port, "POST", "/events", token, json.dumps(warm).encode())
    begun = time.perf_counter() + 0.5
    took: list[float] = []

    def send(lane: int, lanes: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for number in range(lane, seconds * a_second, lanes):
            due = begun + number / a_second
            time.sleep(max(0.0, due - time.perf_counter()))
            event = {"id": f"e{number}", "kind": "viewed", "happened_at": "2026-03-10T20:15:00+08:00"}
            event["phone"] = f"139{number % 50_000:08d}"
            body = json.dumps({"source": "bench", "events": [event]})
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request("POST", "/api/v1/events", body=body, headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            took.append((time.perf_counter() - due) * 1_000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda lane: send(lane, 8), range(8)))
    took.sort()
    lasted = time.perf_counter() - begun
    return {
        "events_a_second": round(len(took) / lasted),
        "event_ms_median": round(took[len(took) // 2], 1),
        "event_ms_p99": round(took[int(len(took) * 0.99)], 1),
    }


def _profile(token: str, *, rows: int) -> list[str]:
    """Return what of our own takes the time of one accepted call, done in this process."""
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    asked = {"Authorization": f"Bearer {token}", "Idempotency-Key": "profiled"}
    client.get("/api/v1/me", headers=asked)
    profile = cProfile.Profile()
    body = _orders(9_999, rows)
    profile.enable()
    answer = client.post("/api/v1/orders/bulk", body, content_type="application/json", headers=asked)
    profile.disable()
    assert answer.status_code == 202, answer.content
    stats: Any = pstats.Stats(profile)
    costly = sorted(stats.stats.items(), key=lambda entry: -entry[1][2])[:8]
    return [f"{tottime * 1_000:.0f} ms {Path(file).name}:{name}" for (file, _, name), (_, _, tottime, _, _) in costly]


def _loading(calls: int, rows: int) -> dict[str, Any]:
    from yutang.foundation.models import Job

    # What follows imports (figures, scores) is not part of loading.
    waiting = list(Job.objects.filter(status="waiting", task_path__endswith="run_import").values_list("pk", flat=True))
    from yutang.foundation.jobs import run_inline

    begun = time.perf_counter()
    for job in sorted(waiting):
        run_inline(job)
    seconds = time.perf_counter() - begun
    return {"loaded_rows_per_second": round((calls + 1) * rows / seconds)}


if __name__ == "__main__":
    main()
