"""What a chain of so many members needs: disk, the night's work with its memory, a day's file, a backup; and how each grows.

    python benchmarks/bench_capacity.py --members 10000 100000 1000000

Each size is filled into a SQLite store of its own, five orders and one message and a half a member. Then, each in a process of its
own: one day's order report is imported, the lake is brought up to date, the models of value are fitted, the morning's scores and
today's list are made, and a backup is written. One JSON object on standard output; `growth` is what ten times the members cost, from
the last two sizes: 10 is straight proportion. docs/operations/capacity.md stands on these figures.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import bench_screens, screens_store  # noqa: E402
from benchmarks.bench_import import taobao_file  # noqa: E402
from benchmarks.serving import environment_of  # noqa: E402

_ORDERS_A_MEMBER = 5
#: Of the store: its orders lie in so many days.
_DAYS = screens_store.DAYS
_PARTS = ("day", "lake", "values", "morning")


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--part", choices=_PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(_part(options.part, options.file)))
        return
    sizes = {str(members): _of_size(members) for members in options.members}
    print(json.dumps({"sizes": sizes, "growth": _growth(sizes)}, indent=1))


def _of_size(members: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="bench-capacity-") as place:
        folder = Path(place)
        home = folder / "home"
        filled = bench_screens.fill(
            home, customers=members, orders=members * _ORDERS_A_MEMBER, until=screens_store.LAST_DAY
        )
        # What the first derivation of everything cost is a figure of its own: the day of the move, or of a rebuilt lake.
        told = {"first_lake_s": filled["rebuild_lake"], "first_morning_s": filled["follow_new_orders"]}
        told |= {"store_mib": _mib(home / "yutang.sqlite3"), "lake_mib": _mib(home / "lake")}
        day = taobao_file(folder, max(members * _ORDERS_A_MEMBER // _DAYS, 10))
        for part in _PARTS:
            found = _asked(home, part, day)
            told |= {f"{part}_s": found["seconds"], f"{part}_peak_mib": found["peak_mib"]}
        return told | _backup(home, folder / "backup.yutang")


def _asked(home: Path, part: str, day: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--part", part, "--file", str(day)]
    done = subprocess.run(command, env=environment_of(home), check=True, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


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


def _backup(home: Path, path: Path) -> dict[str, float]:
    started = time.perf_counter()
    command = [sys.executable, "-m", "yutang.cli.main", "backup", str(path), "--with-keys"]
    subprocess.run(command, env=environment_of(home), check=True, stdout=subprocess.DEVNULL)
    return {"backup_s": round(time.perf_counter() - started, 2), "backup_mib": _mib(path)}


def _mib(path: Path) -> float:
    files = (
        [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else list(path.parent.glob(f"{path.name}*"))
    )
    return round(sum(one.stat().st_size for one in files) / 2**20, 1)


def _growth(sizes: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return what ten times the members cost, between the last two sizes."""
    if len(sizes) < 2:
        return {}
    (few, before), (many, after) = list(sizes.items())[-2:]
    decades = math.log10(int(many) / int(few))
    return {
        name: round((after[name] / before[name]) ** (1 / decades), 1) for name in after if before[name] and after[name]
    }


if __name__ == "__main__":
    main()
