"""Connections of a web server to PostgreSQL, and requests a second, with and without sharing: one JSON object on standard output.

    python -m benchmarks.bench_pool --threads 16 --seconds 6

Starts a throw-away PostgreSQL and the web server (two processes, so many threads each), and lets as many clients as threads ask, each
with a connection of its own: a page that asks the store once, and a list of the API. Servers of all sizes run at once and are
asked in turns of a second, so that all of them meet the same machine; ratios are those within one round.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.bench_api import _made_ready
from benchmarks.serving import ROOT, postgresql, web_server

_ASKED = {"page": "/health/ready", "api": "/api/v1/customers?limit=20"}


def main() -> None:
    """Run the benchmark and print it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--threads", type=int, default=16)
    options.add_argument("--sizes", type=int, nargs="+", default=[0, 4, 16])
    options.add_argument("--seconds", type=float, default=1.0, help="of one turn of one way")
    options.add_argument("--rounds", type=int, default=15)
    given = options.parse_args()
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-pool-"))
        url = stack.enter_context(postgresql(Path(home) / "postgres"))
        os.environ |= {"YUTANG_HOME": home, "DJANGO_SETTINGS_MODULE": "yutang.config.settings", "DATABASE_URL": url}
        os.environ["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")))
        token = _made_ready()
        ports = {}
        for size in given.sizes:
            # What a server calls itself tells its connections from those of the others.
            os.environ |= {"YUTANG_POOL": str(size), "PGAPPNAME": f"pool {size}"}
            ports[size] = stack.enter_context(web_server(threads=given.threads))
        watch = stack.enter_context(_Watch(url))
        rounds = [
            {size: _turn(port, token, threads=given.threads, seconds=given.seconds) for size, port in ports.items()}
            for _round in range(given.rounds + 1)
        ][1:]
    told = {"threads": 2 * given.threads, "processors": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    print(json.dumps({**told, "by_pool": {str(size): _told(size, rounds, watch) for size in given.sizes}}, indent=1))


def _turn(port: int, token: str, *, threads: int, seconds: float) -> dict[str, float]:
    """Return requests a second of each way."""
    return {
        name: _asked(port, token, path, clients=2 * threads, seconds=seconds) / seconds for name, path in _ASKED.items()
    }


def _told(size: int, rounds: list[dict[int, dict[str, float]]], watch: _Watch) -> dict[str, Any]:
    """Return the middle of all rounds, and against the first size the middle of the ratios within a round."""
    first = next(iter(rounds[0]))
    return {
        "connections": watch.most[f"pool {size}"],
        "a_second": {name: round(statistics.median(each[size][name] for each in rounds)) for name in _ASKED},
        "against_first": {
            name: round(statistics.median(each[size][name] / each[first][name] for each in rounds), 2)
            for name in _ASKED
        },
    }


def _asked(port: int, token: str, path: str, *, clients: int, seconds: float) -> int:
    """Let clients ask one after the other, and return how many answers came; every one must be good."""
    until = time.monotonic() + seconds
    counts = [0] * clients

    def ask(number: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as client:
            while time.monotonic() < until:
                client.request("GET", path, headers={"Authorization": f"Bearer {token}"})
                answer = client.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{path} answered {answer.status}")
                counts[number] += 1

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    return sum(counts)


class _Watch:
    """Counts the connections by what they call themselves while its block runs; use as a context manager."""

    _SQL = "SELECT application_name, count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1"

    def __init__(self, url: str) -> None:
        self.most: Counter[str] = Counter()
        self._done = threading.Event()
        self._session = psycopg.connect(url, autocommit=True, application_name="watch")
        self._thread = threading.Thread(target=self._count)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._session.close()

    def _count(self) -> None:
        while not self._done.wait(0.2):
            for name, count in self._session.execute(self._SQL).fetchall():
                self.most[name] = max(self.most[name], count)


if __name__ == "__main__":
    main()
