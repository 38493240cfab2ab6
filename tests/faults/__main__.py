"""Befall a shop at work with random faults, and look after each round whether anything was lost or done twice.

    python -m tests.faults --faults 2000 --seed 7
    python -m tests.faults --faults 2000 --seed 7 --postgresql

A mixed load comes in by the API all the time, on a clock that passes 24 hours in the course of the run. Between the rounds everything
that was asked for is answered, the workers end what is due, and what must hold is asked as `yutang doctor --deep` asks it; besides, the
store and the simulated gateway are held against what the programs were answered. One line a fault and one a round; the last line is one
JSON object. Ends with 1 as soon as something is wrong, and keeps the home of the run then.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.faults.kinds import NotTold, Scene, faults_of
from tests.faults.load import Load, lost_or_doubled
from tests.faults.world import Postgres, World, environment, set_up, small_disk
from tests.support.starting import Starter

_DAY = 86_400.0
_DISK_MIB = 512
#: What was claimed by a worker that died is looked after when its lease is over, looked for at the platform, and where it is not there
#: made anew; what became of it is asked a moment later.
_AFTER = (1_300.0, 1_300.0, 1_300.0)
#: A message that waited for the next day's quota goes out in the midst of that: so many more times at most.
_MORE = 4
_PATIENCE = 600.0


def main() -> None:
    """Run, tell, and end with 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=50, help="faults of a round")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="yutang-faults-"))
    # The server's user must reach its own folder below.
    folder.chmod(0o711)
    told = run(asked, folder)
    print(json.dumps(told, ensure_ascii=False), flush=True)
    if told["wrong"]:
        sys.exit(f"something is wrong; everything is kept in {folder}")
    shutil.rmtree(folder, ignore_errors=True)


def run(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return what was done, and what is wrong after it."""
    home, begun = folder / "home", time.monotonic()
    with ExitStack() as stack:
        has_own_disk = stack.enter_context(small_disk(home, mib=_DISK_MIB))
        database = stack.enter_context(Postgres(folder / "database")) if asked.postgresql else None
        url = database.url if database else ""
        shop = set_up(environment(home, url, clock_file=folder / "home.clock", gateway=1))
        os.environ.update(environment(home, url, clock_file=folder / "home.clock", gateway=1))
        import django

        django.setup()
        starter = stack.enter_context(Starter("tests.faults.parts"))
        world = stack.enter_context(World(home, url, starter))
        world.wait_for_web()
        make_friends(world, shop["people"])
        load = stack.enter_context(Load(ports=world.ports, token=shop["token"], people=shop["people"], seed=asked.seed))
        scene = Scene(world, random.Random(asked.seed), has_own_disk, database)
        counts, wrong = befall(scene, load, asked)
        if wrong and has_own_disk:
            # Its disk goes with the run.
            shutil.copytree(home, folder / "kept", ignore=shutil.ignore_patterns("ballast"))
        return {
            "faults": sum(counts.values()),
            "by_kind": dict(counts),
            "seed": asked.seed,
            "store": "postgresql" if database else "sqlite",
            "own_disk": has_own_disk,
            "answered": dict(Counter(f"{one.wish.kind} {one.status // 100}xx" for one in load.answered)),
            "taken_by_gateway": sum(world.taken_by_key().values()),
            "sent_in_wecom": sum(world.sent_in_wecom().values()),
            "tries": load.tries,
            "simulated_hours": round((world.clock.ahead + time.monotonic() - begun) / 3_600, 1),
            "seconds": round(time.monotonic() - begun, 1),
            "wrong": wrong,
        }


def make_friends(world: World, people: list[int]) -> None:
    """Connect WeCom, and wait until everybody is known as somebody's friend there.

    Raises:
        TimeoutError: they are not in time; what the processes said lies in the folder of the run.
    """
    from yutang.connectors.wecom.simulator.keeping import kept_world
    from yutang.foundation.access import Actor
    from yutang.wecom import actions
    from yutang.wecom.queries import friends_of

    deadline, corp = time.monotonic() + _PATIENCE, None
    while corp is None and time.monotonic() < deadline:
        time.sleep(0.1)
        corp = kept_world(world.platform)
    assert corp is not None, "WeCom does not come up"
    system, now = Actor.system(), datetime.now(UTC)
    actions.use_sandbox(
        actor=system, corp_id=corp.corp_id, agent_id=corp.apps[0].agent_id, secret=corp.apps[0].secret,
        base_url=f"http://127.0.0.1:{world.to_wecom.port}/cgi-bin/", page_url="", token="token", aes_key="k" * 43, now=now,
    )  # fmt: skip
    actions.ask_for_sync(actor=system, now=now)
    while len(friends_of(customer_ids=people)) < len(people):
        if time.monotonic() > deadline:
            raise TimeoutError("WeCom's people are not known in time")
        time.sleep(0.3)


def befall(scene: Scene, load: Load, asked: argparse.Namespace) -> tuple[Counter[str], dict[str, Any]]:
    """Let faults befall the shop round by round; return how many of each, and what is wrong after the last round."""
    counts = Counter[str]()
    kinds = faults_of(scene)
    while (done := sum(counts.values())) < asked.faults:
        for _ in range(min(asked.each, asked.faults - done)):
            (fault,) = scene.dice.choices([one for _weight, one in kinds], weights=[weight for weight, _one in kinds])
            scene.world.clock.jump(_DAY / max(asked.faults, 1))
            scene.pause()
            try:
                told = fault(scene)
            except NotTold as silent:
                return counts, {"not told": f"{fault.__name__}: {silent}"}
            counts[fault.__name__] += 1
            print(f"{sum(counts.values()):5} {fault.__name__}: {told}", flush=True)
        begun = time.monotonic()
        wrong = judged(scene, load)
        print(f"      round: {wrong or 'all well'} after {time.monotonic() - begun:.1f} s", flush=True)
        if wrong:
            return counts, wrong
        load.go_on()
    return counts, {}


def judged(scene: Scene, load: Load) -> dict[str, Any]:
    """Let everything come to its end, and return what is wrong then."""
    from django.db import connection

    world = scene.world
    world.start()
    if not load.settle(seconds=_PATIENCE):
        return {"no answer": "programs were not answered in time"}
    connection.close()
    for turn, seconds in enumerate((0.0, *_AFTER, *[_AFTER[-1]] * _MORE)):
        if turn > len(_AFTER) and not _waits_at_wecom(scene):
            break
        world.clock.jump(seconds)
        if not _worked_off(scene):
            return {"work": "what is due was not done in time"}
    told = lost_or_doubled(load.answered, taken=world.taken_by_key(), sent=world.sent_in_wecom(), now=_now(scene))
    found = {name: count for name, count in told.items() if count}
    return found | _unsound(scene)


def _unsound(scene: Scene) -> dict[str, Any]:
    """Return what does not hold of what must, in the state after a sync of the lake."""
    from tests.support.holding import broken
    from yutang.ingest.lake_sync import sync_lake

    sync_lake(now=_now(scene))
    return {name: f"{seen.broken} of {seen.looked}: {', '.join(seen.where)}" for name, seen in broken().items()}


def _waits_at_wecom(scene: Scene) -> bool:
    """Return whether a message is due, or what became of one is not known yet."""
    from yutang.channels.models import MassTask, Touch

    is_open = MassTask.objects.filter(state__in=("handing", "open", "ending")).exists()
    return is_open or Touch.objects.filter(state="planned", at__lte=_now(scene)).exists()


def _worked_off(scene: Scene) -> bool:
    """Wait until nothing is due and no event waits; imports that were given up are started again, as the operator is told to."""
    from django.db import DatabaseError, connection

    from yutang.foundation.access import Actor
    from yutang.foundation.models import Job, OutboxEvent
    from yutang.ingest.actions import resume_import
    from yutang.ingest.models import Import
    from yutang.ingest.refusals import ImportIsBusy

    deadline, calm = time.monotonic() + _PATIENCE, 0
    while time.monotonic() < deadline:
        try:
            for failed in Import.objects.filter(status="failed"):
                # Its job may have come round again meanwhile.
                with suppress(ImportIsBusy):
                    resume_import(actor=Actor.system(), import_id=failed.pk, now=_now(scene))
            due = Job.objects.filter(status="waiting", run_after__lte=_now(scene)).count()
            open_ones = due + Job.objects.filter(status="running").count()
            open_ones += OutboxEvent.objects.filter(delivered_at=None).count()
        except DatabaseError:
            connection.close()
            open_ones = 1
        calm = calm + 1 if not open_ones else 0
        if calm >= 6:
            return True
        if not any(world_is_up(scene, name) for name in scene.world.processes if name.startswith("worker")):
            scene.world.start()
        time.sleep(0.25)
    return False


def world_is_up(scene: Scene, name: str) -> bool:
    """Return whether a process runs; one that ended by itself is started again by the next call."""
    return not scene.world.has_ended(name)


def _now(scene: Scene) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=scene.world.clock.ahead)


if __name__ == "__main__":
    main()
