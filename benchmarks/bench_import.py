"""Import of a Taobao order report against the speed at which the sqlite3 driver alone writes the same parsed rows.

    python -m benchmarks.bench_import --lines 1000000

Prints one JSON object: rows a second of the whole import (read, sort, identity, sealing, orders, indexes, commits), rows a
second of `executemany` of the same parsed rows into one table without indexes, their ratio, and the peak memory of the
importing process, and of the larger of its drafting processes, for the file and for one ten times smaller.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run the comparison and print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=1_000_000)
    options.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--driver", type=Path, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.one:
        print(json.dumps(import_once(arguments.one)))
        return
    if arguments.driver:
        print(json.dumps(driver_alone(arguments.driver)))
        return
    with tempfile.TemporaryDirectory() as folder:
        large = taobao_file(Path(folder), arguments.lines)
        small = taobao_file(Path(folder), arguments.lines // 10)
        small_run = child("--one", small, home=Path(folder) / "small")
        large_run = child("--one", large, home=Path(folder) / "large")
        driver = child("--driver", large, home=Path(folder) / "driver")
    result = {
        "lines": arguments.lines,
        "import_seconds": large_run["seconds"],
        "import_rows_per_second": round(arguments.lines / large_run["seconds"]),
        "driver_seconds": driver["seconds"],
        "driver_rows_per_second": round(driver["rows"] / driver["seconds"]),
        "ratio": round(driver["seconds"] / large_run["seconds"] * arguments.lines / driver["rows"], 3),
        "phases": large_run["phases"],
        "peak_mib": large_run["peak_mib"],
        "peak_mib_of_a_drafting_process": large_run["peak_mib_drafting"],
        "peak_mib_of_a_tenth": small_run["peak_mib"],
        "memory_ratio": round(large_run["peak_mib"] / small_run["peak_mib"], 3),
        "counts": large_run["counts"],
    }
    print(json.dumps(result, indent=1))


def taobao_file(folder: Path, lines: int) -> Path:
    """Write an order report in Taobao's format (GBK) with the simulator."""
    out = folder / f"taobao-{lines}"
    command = [
        sys.executable,
        "-m",
        "yutang.cli.main",
        "simulate",
        "--out",
        str(out),
        "--seed",
        "7",
        "--format",
        "taobao",
    ]
    subprocess.run(
        [*command, "--lines", str(lines), "--json"],
        check=True,
        env=environment(folder / "sim"),
        stdout=subprocess.DEVNULL,
    )
    return next(p for p in sorted(out.rglob("*.csv")) if "ExportOrderList" in p.name)


def child(flag: str, path: Path, *, home: Path, database: str = "") -> dict:
    """Run one measurement in a process of its own, so that memory is its own too.

    Args:
        flag: which one.
        path: the file.
        home: folder of the installation.
        database: address of its empty database; empty: SQLite in its folder.
    """
    command = [sys.executable, "-m", "benchmarks.bench_import", flag, str(path)]
    told = {**environment(home), "DATABASE_URL": database}
    done = subprocess.run(command, check=True, env=told, cwd=ROOT, stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[-1])


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a child with its own empty home."""
    return {
        **os.environ,
        "YUTANG_HOME": str(home),
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "yutang.config.settings",
    }


def import_once(path: Path) -> dict:
    """Import the file into an empty store and return seconds, phases and peak memory."""
    import django

    django.setup()
    from datetime import UTC, datetime

    from yutang.cli.store import ensure_store, migrate
    from yutang.foundation.access import Actor
    from yutang.ingest import actions, queries
    from yutang.ingest.running import run

    migrate()
    ensure_store()
    marks = [("start", time.perf_counter())]

    class Watcher:
        def progress(self, done: int, total: int | None, note: object = None) -> None:
            if str(note) not in {m for m, _ in marks}:
                marks.append((str(note), time.perf_counter()))

        def check_cancelled(self) -> None: ...

    record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=datetime.now(UTC))
    with children_watched() as peaks:
        run(import_id=record.pk, watcher=Watcher(), clock=lambda: datetime.now(UTC))
        end = time.perf_counter()
    marks.append(("end", end))
    view = queries.import_view(access=Actor.system(), import_id=record.pk)
    phases = {a: round(b_at - a_at, 2) for (a, a_at), (_, b_at) in pairwise(marks)}
    return {
        "seconds": round(end - marks[0][1], 2),
        "phases": phases,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "peak_mib_drafting": max(peaks.values(), default=0),
        "counts": {**view.counts, **view.made},
    }


@contextmanager
def children_watched() -> Iterator[dict[int, int]]:
    """Yield the peak memory of each child process in MiB, filled while it lasts; what a child reports itself counts its parent's."""
    peaks: dict[int, int] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.2):
            for children in Path("/proc/self/task").glob("*/children"):
                for child in children.read_text().split():
                    with suppress(OSError):
                        if b"yutang.ingest.drafting" not in Path(f"/proc/{child}/cmdline").read_bytes():
                            continue  # not yet: it still is the copy of its parent
                        lines = Path(f"/proc/{child}/status").read_text().splitlines()
                        peak = next((line for line in lines if line.startswith("VmHWM")), "VmHWM: 0 kB")
                        peaks[int(child)] = int(peak.split()[1]) // 1024

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def driver_alone(path: Path) -> dict:
    """Write the parsed rows of the file with `executemany` into one table and return the seconds of writing alone."""
    import django

    django.setup()
    from datetime import UTC, datetime

    from yutang.cli.store import ensure_store
    from yutang.foundation.access import Actor
    from yutang.ingest import actions
    from yutang.ingest.reading import open_source
    from yutang.ingest.running import contexts_of
    from yutang.ingest.staging import judged_batches

    ensure_store()
    record = actions.prepare_import(actor=Actor.system(), path=path, file_name=path.name, now=datetime.now(UTC))
    sheet, context = record.plan["sheets"][0], contexts_of(record, datetime.now(UTC))[0]
    database = sqlite3.connect(Path(os.environ["YUTANG_HOME"]) / "driver.sqlite3")
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")
    rows, seconds = 0, 0.0
    for batch, _verdicts in judged_batches(open_source(record.kept_copy), sheet, context):
        columns = [_storable(c) for c in batch.table.columns]
        parsed = list(zip(*columns, strict=True))
        started = time.perf_counter()
        if rows == 0:
            database.execute(f"CREATE TABLE parsed ({', '.join(f'c{i}' for i in range(len(columns)))})")
        database.executemany(f"INSERT INTO parsed VALUES ({', '.join('?' * len(columns))})", parsed)
        seconds += time.perf_counter() - started
        rows += len(parsed)
    started = time.perf_counter()
    database.commit()
    seconds += time.perf_counter() - started
    return {"rows": rows, "columns": len(columns), "seconds": round(seconds, 2)}


def _storable(column: object) -> list:
    """Return a column as values that the driver takes without an adapter."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_decimal(kind) or pa.types.is_temporal(kind):
        column = pc.cast(column, pa.string())
    return column.to_pylist()


if __name__ == "__main__":
    main()
