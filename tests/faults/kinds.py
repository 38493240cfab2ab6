"""The faults that are tried, each as a function of the world that it befalls; what it returns is printed."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.lines import State
from tests.faults.world import LEASE, PLATFORMS, Postgres, World


class NotTold(AssertionError):
    """Damage that nothing has told of."""


@dataclass
class Scene:
    """What faults befall.

    Attributes:
        world: the shop's processes.
        dice: of the run.
        has_own_disk: whether its home lies on a small disk that can be filled and made read-only.
        database: a server that can be killed; None: the store is embedded.
    """

    world: World
    dice: random.Random
    has_own_disk: bool
    database: Postgres | None

    def pause(self, least: float = 0.02, most: float = 0.12) -> None:
        """Let the shop work for a moment."""
        time.sleep(self.dice.uniform(least, most))


Fault = Callable[[Scene], str]


def kill_worker(scene: Scene) -> str:
    """Kill a worker in whatever it does, and start it again."""
    name = scene.dice.choice([name for name in scene.world.processes if name.startswith("worker")])
    return _killed(scene, name)


def kill_web(scene: Scene) -> str:
    """Kill a web server among its answers."""
    return _killed(scene, scene.dice.choice(["web0", "web1"]))


def kill_gateway(scene: Scene) -> str:
    """Kill the gateway of short messages among messages."""
    return _killed(scene, "gateway")


def kill_wecom(scene: Scene) -> str:
    """Kill WeCom among its answers; what it was asked for and did not answer it may have done."""
    return _killed(scene, "wecom")


def kill_all(scene: Scene) -> str:
    """Kill every process of the shop at once, as a power cut does."""
    names = list(scene.world.processes)
    scene.dice.shuffle(names)
    for name in names:
        scene.world.kill(name)
    scene.world.start()
    return "every process"


def kill_database(scene: Scene) -> str:
    """Kill the database server; it recovers when it starts again."""
    from django.db import connection

    assert scene.database is not None
    scene.database.kill()
    # The run itself asks the database too.
    connection.close()
    return "postgresql"


def two_workers_own_a_job(scene: Scene) -> str:
    """Stop a worker where it stands until its lease has run out and another has its job; then both go on."""
    name = scene.dice.choice([name for name in scene.world.processes if name.startswith("worker")])
    scene.world.hold(name)
    scene.world.clock.jump(LEASE + 1)
    scene.pause(0.1, 0.4)
    scene.world.release(name)
    return f"{name} stood still past its lease"


def clock_forwards(scene: Scene) -> str:
    """Let the clock jump ahead: leases run out at once, schedules fall due together."""
    seconds = scene.dice.choice([5, 61, 1_300, 4_000])
    scene.world.clock.jump(seconds)
    return f"+{seconds} s"


def clock_backwards(scene: Scene) -> str:
    """Let the clock jump back: what was leased stays leased for longer, what is due waits."""
    seconds = scene.dice.choice([1, 30, 400])
    scene.world.clock.jump(-seconds)
    return f"-{seconds} s"


def bad_line(scene: Scene) -> str:
    """Let a line be slow, cut off answers, or stay half open for a moment."""
    line = scene.dice.choice(scene.world.lines)
    states: list[State] = ["slow", "cut", "half_open"]
    line.state = scene.dice.choice(states)
    names = {id(scene.world.to_gateway): "gateway", id(scene.world.to_wecom): "wecom"}
    told = f"{names.get(id(line), 'web')} {line.state}"
    scene.pause(0.1, 0.5)
    line.state = "well"
    return told


def full_disk(scene: Scene) -> str:
    """Fill the disk to the last block, and free it a moment later."""
    ballast = scene.world.home / "ballast"
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT, 0o600)
    size = 0
    step = 1 << 24
    while step >= 4096:
        try:
            os.posix_fallocate(file, size, step)
            size += step
        except OSError:
            step //= 4
    os.close(file)
    scene.pause(0.1, 0.3)
    ballast.unlink()
    _start_what_ended(scene)
    return f"filled with {size >> 20} MiB"


def read_only_disk(scene: Scene) -> str:
    """Start the shop on a disk that cannot be written, and then on one that can."""
    names = [name for name in scene.world.processes if name not in PLATFORMS]
    for name in names:
        scene.world.kill(name)
    # An export of a killed worker may still write for a moment.
    deadline = time.monotonic() + 20
    while not _remounted(scene.world.home, "ro"):
        if time.monotonic() > deadline:
            scene.world.start()
            return "somebody still wrote: left out"
        time.sleep(0.05)
    scene.world.start("web0", "worker0")
    scene.pause(0.2, 0.4)
    for name in names:
        scene.world.kill(name)
    if not _remounted(scene.world.home, "rw"):
        raise RuntimeError("the disk cannot be made writable again")
    scene.world.start()
    return "read-only for a moment"


def damaged_lake(scene: Scene) -> str:
    """Change a byte of a file of the lake, cut one off or take one away: it is told by name, and heals with the next sync."""
    from yutang.ingest.lake_sync import sync_lake, the_lake
    from yutang.ingest.lake_truth import files_are_whole

    lake = the_lake()
    now = datetime.now(UTC) + timedelta(seconds=scene.world.clock.ahead)
    sync_lake(now=now)
    with lake.writing():
        snapshot = lake.snapshot()
        named = [snapshot.root / file.file for one in snapshot.manifests.values() for file in one.partitions.values()]
        victim = scene.dice.choice([scene.dice.choice(named), scene.dice.choice(named), lake.root / "current.json"])
        how = _damage(victim, scene.dice)
        if not files_are_whole().broken:
            raise NotTold(f"{victim}: {how}")
    sync_lake(now=now)
    if (found := files_are_whole()).broken:
        raise NotTold(f"not healed: {found.where}")
    return f"{victim.relative_to(lake.root)} {how}"


def damaged_page(scene: Scene) -> str:
    """Overwrite a page of a copy of the embedded store with zeros: the look through all pages tells of it."""
    path, copy = scene.world.home / "yutang.sqlite3", scene.world.home.parent / "copy.sqlite3"
    copy.unlink(missing_ok=True)
    source, target = sqlite3.connect(path, timeout=60), sqlite3.connect(copy)
    with contextlib.closing(source), contextlib.closing(target):
        source.backup(target)
        size, pages = (int(target.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_size", "page_count"))
    with copy.open("r+b") as file:
        for _ in range(200):
            number = scene.dice.randrange(1, pages)
            file.seek(number * size)
            # Pages of trees begin with their kind; others hold what is free, or the rest of a long value.
            if file.read(1)[0] in {2, 5, 10, 13}:
                file.seek(number * size)
                file.write(bytes(size))
                break
    damaged = sqlite3.connect(copy)
    with contextlib.closing(damaged):
        try:
            said = [str(one) for (one,) in damaged.execute("PRAGMA integrity_check(5)")]
        except sqlite3.DatabaseError as error:
            said = [str(error)]
    if said == ["ok"]:
        raise NotTold(f"page {number} of {pages}")
    return f"page {number} of {pages} of a copy"


def faults_of(scene: Scene) -> list[tuple[int, Fault]]:
    """Return the faults that can befall a scene, with their weights."""
    found: list[tuple[int, Fault]] = [
        (26, kill_worker),
        (16, kill_web),
        (8, kill_gateway),
        (8, kill_wecom),
        (4, kill_all),
        (10, two_workers_own_a_job),
        (8, clock_forwards),
        (5, clock_backwards),
        (12, bad_line),
        (3, damaged_lake),
    ]
    if scene.has_own_disk:
        found += [(5, full_disk), (2, read_only_disk)]
    if scene.database is not None:
        found.append((5, kill_database))
    else:
        found.append((1, damaged_page))
    return found


def _killed(scene: Scene, name: str) -> str:
    scene.world.kill(name)
    scene.world.start(name)
    return name


def _start_what_ended(scene: Scene) -> None:
    """Start again what did not survive, as `yutang up` and every service manager do."""
    for name in scene.world.processes:
        if scene.world.has_ended(name):
            scene.world.start(name)


def _remounted(folder: Path, how: str) -> bool:
    command = ["mount", "-o", f"remount,{how}", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _damage(path: Path, dice: random.Random) -> str:
    content = bytearray(path.read_bytes())
    how = dice.choice(["changed in one byte", "cut off", "gone"]) if path.suffix == ".parquet" else "cut off"
    if how == "gone":
        path.unlink()
    elif how == "cut off":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[dice.randrange(len(content))] ^= 0x55
        path.write_bytes(content)
    return how
