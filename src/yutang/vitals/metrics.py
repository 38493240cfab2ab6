"""What Prometheus is told: counters of all web processes together, and how the background work and the lake stand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from yutang.foundation import queries as foundation
from yutang.foundation import replica
from yutang.foundation.pooling import numbers_since_last
from yutang.ingest.lake_sync import oldest_untaken_change
from yutang.ingest.queries import import_counts

Path(settings.YUTANG_METRICS).mkdir(parents=True, exist_ok=True, mode=0o700)

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 0.8, 1.5, 3, 10)

REQUESTS = Counter("yutang_requests", "Answered requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "yutang_request_seconds", "Time of the server for a request.", ["method", "route"], buckets=_BUCKETS
)
QUERIES = Counter("yutang_request_queries", "Queries of the store that requests made.", ["method", "route"])

POOL_LENT = Counter("yutang_pool_lent", "Connections to PostgreSQL that threads of web servers asked for.")
POOL_WAITED = Counter("yutang_pool_waited", "Of these, how many had to wait because all were taken.")
POOL_WAITED_SECONDS = Counter("yutang_pool_waited_seconds", "How long they waited together.")
POOL_REFUSED = Counter(
    "yutang_pool_refused", "Requests that got no connection: all were taken, or the server was away."
)
POOL_OPENED = Counter("yutang_pool_opened", "Connections to PostgreSQL that were opened.")
POOL_LOST = Counter("yutang_pool_lost", "Connections that turned out to be dead and were replaced.")


def count_pool() -> None:
    """Add what became of shared connections to the counters of this process."""
    told = numbers_since_last()
    if told is None:
        return
    POOL_LENT.inc(told.lent)
    POOL_WAITED.inc(told.waited)
    POOL_WAITED_SECONDS.inc(told.waited_seconds)
    POOL_REFUSED.inc(told.refused)
    POOL_OPENED.inc(told.opened)
    POOL_LOST.inc(told.lost)


class _Standing(Collector):
    """Asked when Prometheus asks: what the store says of background work."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        yield _by("yutang_jobs", "Jobs by where they stand.", "status", foundation.job_counts())
        yield _by("yutang_imports", "Imports by where they stand.", "status", import_counts())
        workers = len(foundation.live_workers(now=self._now))
        yield GaugeMetricFamily("yutang_live_workers", "Workers that showed themselves of late.", value=workers)
        stuck = foundation.stuck_events()
        yield GaugeMetricFamily("yutang_stuck_events", "Events whose delivery was given up.", value=stuck)
        oldest = oldest_untaken_change()
        lag = max(0.0, (self._now - oldest).total_seconds()) if oldest else 0.0
        yield GaugeMetricFamily("yutang_lake_lag_seconds", "Age of the oldest change that the lake lacks.", value=lag)
        if replica.has_replica():
            yield from _of_replica(replica.standing())


def _of_replica(standing: replica.Standing) -> Iterator[Metric]:
    """Yield how the replica stands; one that cannot be read from has no lag."""
    yield GaugeMetricFamily(
        "yutang_replica_read", "Whether reports are read from the replica.", value=standing.is_fresh
    )
    if standing.lag_seconds is not None:
        yield GaugeMetricFamily(
            "yutang_replica_lag_seconds", "Age of the newest change that the replica shows.", value=standing.lag_seconds
        )


def exposition(*, now: datetime | None = None) -> bytes:
    """Return all metrics in the text format of Prometheus."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Standing(now or timezone.now()))
    return generate_latest(registry)


def forget_ended_processes(folder: Path) -> None:
    """Empty the folder of the counters, when no process of the installation runs: numbers begin at nothing again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)


def _by(name: str, documentation: str, label: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, documentation, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family
