"""Measure callbacks of WeCom from the door to the store, on SQLite, and compare with the truth of the simulated corp.

    python benchmarks/bench_callbacks.py --callbacks 100000

A simulated corp lives through so many changes; a tenth of what it tells comes twice, and all of it in another order within some
hundreds. Everything goes through the door as sealed bodies and is heard by the worker's rounds over HTTP. One JSON object on standard
output: seconds and callbacks a second of each part, by the clock and by the processor (with the simulated corp, which answers in the
same process), the processor's seconds of each batch, by which one sees whether anything grows, calls of the API, and how many
friendships, tags, notes and groups differ from the truth (none; ends with 1 else).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

#: Callbacks that are mixed among each other, and delivered between two looks of the worker.
_WINDOW, _BETWEEN = 400, 5_000
_PART_TWICE = 0.1


def main() -> None:
    """Live, deliver, hear, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callbacks", type=int, default=100_000)
    parser.add_argument("--staff", type=int, default=40)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"YUTANG_HOME": folder, "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        told = measure(asked)
    json.dump(told, sys.stdout, indent=2)
    print()
    if told["differing"]:
        sys.exit("what is known here is not what there is")


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Return what was measured, and what differs."""
    from tests.wecom.comparing import friendships_here, friendships_there, groups_here, groups_there
    from tests.wecom.conftest import Sandbox, Shop

    from yutang.connectors.wecom.simulator.seeding import Size
    from yutang.foundation.sealed_records import ensure_keys
    from yutang.wecom import inbox
    from yutang.wecom.greeting import greet_round
    from yutang.wecom.hearing import hear_round

    ensure_keys()
    sandbox = Sandbox(
        Size(staff=asked.staff, customers=asked.customers, groups=asked.groups, owners=asked.staff // 2, members=20),
        seed=asked.seed,
    )
    sandbox.world.clock.stop(float(int(sandbox.world.now()) + 1))
    shop = Shop(sandbox)
    dice, names = random.Random(asked.seed), Names()
    begun = time.monotonic()
    shop.sync()
    looked = time.monotonic() - begun
    told, number, repeated = 0, 0, 0
    door, worker = Watch(), Watch()
    while told < asked.callbacks:
        batch: list[str] = []
        while len(batch) < min(_BETWEEN, asked.callbacks - told):
            number += 1
            sandbox.world.clock.advance(dice.choice((0.2, 1.0, 2.0)))
            live(shop, dice, names, number)
            batch += shop.told
            shop.told.clear()
        told += len(batch)
        twice = dice.sample(batch, int(len(batch) * _PART_TWICE))
        repeated += len(twice)
        envelopes = [shop.envelope(text) for text in mixed([*batch, *twice], dice)]
        with door:
            for envelope in envelopes:
                inbox.take_callback(keys=shop.keys, now=shop.now(), **envelope)
        sandbox.world.clock.advance(3)
        with worker:
            while greet_round(shop.client, clock=shop.now) + hear_round(shop.client, clock=shop.now):
                pass
        print(told, door.each[-1], worker.each[-1], file=sys.stderr, flush=True)
    differing = compare(friendships_here(), friendships_there(shop.world)) + compare(
        groups_here(), groups_there(shop.world)
    )
    calls = {one["path"]: one["count"] for one in sandbox.show("calls")["calls"]}
    sandbox.simulator.end()
    return {
        "full_look": {"friendships": asked.customers, "seconds": round(looked, 1)},
        "callbacks": told,
        "repeated": repeated,
        "door": door.told(told + repeated),
        "worker": worker.told(told),
        "calls": calls,
        "friendships": len(friendships_there(shop.world)),
        "differing": differing,
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


class Watch:
    """Seconds spent within, by the clock and by the processor."""

    def __init__(self) -> None:
        self.seconds, self.each = 0.0, list[float]()
        self._began = (0.0, 0.0)

    def __enter__(self) -> None:
        self._began = (time.monotonic(), time.process_time())

    def __exit__(self, *_: object) -> None:
        self.seconds += time.monotonic() - self._began[0]
        self.each.append(round(time.process_time() - self._began[1], 2))

    def told(self, count: int) -> dict[str, Any]:
        """Return what was measured of so many callbacks."""
        cpu = sum(self.each)
        return {
            "seconds": round(self.seconds, 1),
            "a_second": round(count / self.seconds),
            "cpu_seconds": round(cpu, 1),
            "a_cpu_second": round(count / cpu),
            "cpu_seconds_of_each": self.each,
        }


def mixed(texts: list[str], dice: random.Random) -> list[str]:
    """Return the texts in another order, each not far from where it was."""
    return [text for _place, text in sorted((at + dice.random() * _WINDOW, text) for at, text in enumerate(texts))]


def compare(here: dict[Any, Any], there: dict[Any, Any]) -> int:
    """Return how many entries differ."""
    found = [key for key in {*here, *there} if here.get(key) != there.get(key)]
    for key in found[:3]:
        print(key, here.get(key), there.get(key), sep="\n  ", file=sys.stderr)
    return len(found)


class Names:
    """Keys of growing dictionaries as lists to choose from, copied again when some have been added."""

    def __init__(self) -> None:
        self._kept: dict[int, list[str]] = {}

    def of(self, known: dict[str, Any]) -> list[str]:
        """Return the keys; the latest few of many may be missing."""
        kept = self._kept.get(id(known), [])
        if len(kept) > len(known) or len(known) - len(kept) > len(kept) // 50:
            kept = self._kept[id(known)] = list(known)
        return kept


def live(shop: Any, dice: random.Random, names: Names, number: int) -> None:
    """Let one thing happen that can; what cannot is tried in vain."""
    from yutang.connectors.wecom.simulator.control import NotPossible

    world = shop.world
    userid = dice.choice(names.of(world.staff))
    customers = names.of(world.relations[userid]) or ["nobody"]
    pair = {"userid": userid, "external_userid": dice.choice(customers)}
    chat = world.chats[dice.choice(names.of(world.chats))]
    newcomer = f"oN{dice.randrange(1_000_000):024d}"
    orders: dict[str, tuple[str, dict[str, Any]]] = {
        "scan": ("scan", {"config_id": shop.way(), "unionid": newcomer, "name": f"客{number}"}),
        "leave": ("customer/delete", pair),
        "delete": ("member/delete", pair),
        "edit": ("member/edit", {**pair, "remark": f"备注{number}", "add_tags": [dice.choice(names.of(world.tags))]}),
        "join": ("group/join", {"chat_id": chat.chat_id, "member": dice.choice(names.of(world.people))}),
        "part": ("group/leave", {"chat_id": chat.chat_id, "member": dice.choice(list(chat.members))}),
    }
    what = dice.choices(list(orders), weights=(30, 8, 5, 45, 8, 4))[0]
    path, told = orders[what]
    try:
        shop.sandbox.simulator.control.order(path, told)
    except NotPossible:
        return


if __name__ == "__main__":
    main()
