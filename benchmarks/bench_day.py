"""Play a busy day in the sandbox through the real door, on SQLite, and judge it.

    python -m benchmarks.bench_day --scans 200 --a-second 50 --seconds 80

The sandbox, `yutang up --no-demo` (console and workers) and this script are processes of their own on one clock, the machine's.
Newcomers scan codes among everything else that happens, so that callbacks come at the asked rate: a tenth of them twice, all in
another order within some dozens. Meanwhile the worker is killed between two newcomers, the token ends early, one API is closed
for a minute (45009), calls are too many at once (45033), slow, or lose their answers. One JSON object on standard output; ends
with 1 unless everybody was greeted once and in time, nothing was lost or counted twice, tokens were fetched twice at most, and no
API was called again within the window that it had closed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from benchmarks.serving import environment_of, everything, free_port

_TOKEN, _AES_KEY = "yutang", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_WORDS = "您好，欢迎光临"
#: WeCom's code holds so long. Seconds.
_HOLDS = 20.0
_HABITS = {"duplicate": 0.1, "reorder": 40, "lanes": 4}
#: After the last callback everything is settled within so long; a closed API alone takes a minute. Seconds.
_PATIENCE = 240.0
#: What goes wrong, and when, as a share of the time.
_FAULTS: tuple[tuple[float, dict[str, Any]], ...] = (
    (0.15, {"kind": "slow", "api": "externalcontact/send_welcome_msg", "seconds": 0.3, "times": 20}),
    (0.25, {"kind": "code", "api": "externalcontact/get", "errcode": 45033, "times": 5}),
    (0.30, {"kind": "drop_after", "api": "externalcontact/send_welcome_msg", "times": 3}),
    (0.40, {"kind": "limit", "api": "externalcontact/get", "seconds": 60.0, "times": 1}),
    (0.70, {"kind": "status", "api": "externalcontact/batch/get_by_user", "status": 502, "times": 2}),
)
_TOKEN_ENDS, _WORKER_DIES = 0.35, 0.5


def main() -> None:
    """Play, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scans", type=int, default=200)
    parser.add_argument("--a-second", type=int, default=50, help="callbacks")
    parser.add_argument("--seconds", type=int, default=80)
    parser.add_argument("--staff", type=int, default=40)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--groups", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yutang-bench-") as folder:
        os.environ |= environment_of(Path(folder))
        os.environ.pop("DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        told = played(asked, Path(folder))
    json.dump(told, sys.stdout, indent=2, ensure_ascii=False)
    print()
    if told["wrong"]:
        sys.exit("the day did not go as it should: " + ", ".join(told["wrong"]))


def played(asked: argparse.Namespace, home: Path) -> dict[str, Any]:
    """Return what came of a day."""
    from yutang.foundation.models import Setting
    from yutang.foundation.sealed_records import ensure_keys

    ensure_keys()
    Setting.objects.create(key="wecom.welcome_words", value=_WORDS)
    with sandbox(asked, home) as corp:
        corp.connect()
        with everything(home) as (port, process):
            corp.order("callbacks", url=f"http://127.0.0.1:{port}/callbacks/wecom/", token=_TOKEN, aes_key=_AES_KEY)
            looked = timed(corp.full_look)
            corp.order("callbacks", habits=_HABITS)
            day = Day(corp, asked, worker=lambda: worker_of(process.pid))
            begun = time.monotonic()
            day.live()
            lived = time.monotonic() - begun
            settled = timed(corp.settle)
        return {**judged(corp, day), "seconds": {"full_look": looked, "day": round(lived, 1), "to_settle": settled}}


class Corp:
    """The simulated WeCom as its orders and its truth are asked for, over HTTP."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._pool = urllib3.PoolManager(retries=False, timeout=60)

    def order(self, path: str, **told: Any) -> dict[str, Any] | None:
        """Order something, and return what came of it; None where it cannot be done."""
        body = json.dumps(told).encode()
        answer = self._pool.request("POST", f"{self._address}_sim/{path}", body=body)
        if answer.status not in {200, 409}:
            sys.exit(f"{path}: {answer.status} {answer.data[:200]!r}")
        return json.loads(answer.data) if answer.status == 200 else None

    def show(self, path: str) -> dict[str, Any]:
        """Return a part of the state."""
        shown: dict[str, Any] = json.loads(self._pool.request("GET", f"{self._address}_sim/{path}").data)
        return shown

    def connect(self) -> None:
        """Let this installation know the corp."""
        from django.utils import timezone

        from yutang.foundation.access import Actor
        from yutang.wecom.actions import use_sandbox

        told = self.show("state")
        use_sandbox(
            actor=Actor.system(),
            corp_id=told["corp_id"],
            agent_id=told["agent_id"],
            base_url=f"{self._address}cgi-bin/",
            page_url=self._address,
            secret=told["secret"],
            token=_TOKEN,
            aes_key=_AES_KEY,
            now=timezone.now(),
        )

    def full_look(self) -> None:
        """Let the worker read everything."""
        from django.utils import timezone

        from yutang.foundation.access import Actor
        from yutang.wecom.actions import ask_for_sync
        from yutang.wecom.models import SyncRun

        ask_for_sync(actor=Actor.system(), now=timezone.now())
        until(lambda: SyncRun.objects.exclude(ended_at=None).exists(), what="the full look")

    def settle(self) -> None:
        """Wait until every callback was sent and settled."""
        from yutang.wecom.models import Callback

        until(lambda: self.show("callbacks")["pending"] == 0, what="the callbacks")
        until(lambda: not Callback.objects.filter(state="waiting").exists(), what="the worker")


class Day:
    """What happens: newcomers among everything else, at a steady rate of callbacks, and what goes wrong meanwhile."""

    def __init__(self, corp: Corp, asked: argparse.Namespace, *, worker: Callable[[], int]) -> None:
        self._corp, self._asked, self._worker = corp, asked, worker
        self._dice = random.Random(asked.seed)
        self._told = corp.show("truth")
        state = corp.show("state")
        self._ways: list[str] = state["contact_ways"]
        self._pairs = [(one["userid"], one["external_userid"]) for one in self._told["relations"]]
        self._chats = [one["chat_id"] for one in self._told["groups"]]
        self._tags = [one["id"] for one in self._told["tags"]]
        self.came: set[str] = set()
        self.deaths: list[int] = []
        self._ended_tokens = False

    def live(self) -> None:
        """Live through the day."""
        total, begun, told = self._asked.a_second * self._asked.seconds, time.monotonic(), 0
        faults = list(_FAULTS)
        while told < total or len(self.came) < self._asked.scans:
            time.sleep(max(0.0, begun + told / self._asked.a_second - time.monotonic()))
            part = told / total
            while faults and faults[0][0] <= part:
                self._corp.order("faults", faults=[faults.pop(0)[1]])
            if part >= _TOKEN_ENDS and not self._ended_tokens:
                self._ended_tokens = True
                self._corp.order("token/expire")
            is_newcomer = len(self.came) < self._asked.scans * min(1.0, part * 1.02)
            told += self._scan() if is_newcomer else self._something(told)
            if is_newcomer and part >= _WORKER_DIES and not self.deaths:
                self.deaths.append(self._worker())
                os.kill(self.deaths[0], signal.SIGKILL)

    def _scan(self) -> int:
        number = len(self.came)
        unionid = f"oD{number:026d}"
        way = self._dice.choice(self._ways)
        came = self._corp.order("scan", config_id=way, unionid=unionid, name=f"客{number}")
        assert came is not None
        self.came.add(came["external_userid"])
        return 2

    def _something(self, number: int) -> int:
        userid, external = self._dice.choice(self._pairs)
        pair = {"userid": userid, "external_userid": external}
        chat = self._dice.choice(self._chats)
        orders: tuple[tuple[int, str, dict[str, Any]], ...] = (
            (60, "member/edit", {**pair, "remark": f"备注{number}", "add_tags": [self._dice.choice(self._tags)]}),
            (8, "customer/delete", pair),
            (4, "member/delete", pair),
            (16, "group/join", {"chat_id": chat, "member": external}),
            (4, "group/leave", {"chat_id": chat, "member": external}),
            (3, "group/rename", {"chat_id": chat, "name": f"群{number}"}),
        )
        (_, path, told) = self._dice.choices(orders, weights=[one[0] for one in orders])[0]
        return 0 if self._corp.order(path, **told) is None else 1


def judged(corp: Corp, day: Day) -> dict[str, Any]:
    """Return what happened, and what of it should not have."""
    from tests.wecom.comparing import friendships_here, groups_here

    from yutang.wecom.models import Callback, Friendship

    greeted = [one for one in corp.show("welcomes")["codes"] if one["used_with"] is not None]
    times = Counter(one["external_userid"] for one in greeted)
    latest = max((one["used_with"]["at"] - one["made_at"] for one in greeted), default=0.0)
    sent, calls = corp.show("callbacks"), corp.show("calls")
    fetched = sum(one["count"] for one in calls["calls"] if one["path"] == "gettoken")
    truth = corp.show("truth")
    differing = differences(friendships_here(), friendships_in(truth)) + differences(groups_here(), groups_in(truth))
    noted = Friendship.objects.filter(contact__digest__in=digests(day.came)).exclude(welcomed_at=None)
    checks = {
        "newcomers who were not greeted": len(day.came - times.keys()),
        "newcomers who were greeted twice": sum(count > 1 for count in times.values()),
        "greetings later than the code holds": int(latest >= _HOLDS),
        "greetings that are not noted here": len(day.came) - noted.values("contact_id").distinct().count(),
        "callbacks that were given up": sent.get("given_up", 0) + Callback.objects.filter(state="dead").count(),
        "friendships and groups that differ": differing,
        "fetches of tokens beyond two": max(0, fetched - 2),
        "calls of a closed API": sum(calls["limits_met_again"].values()),
        "limits that were not met": int(not calls["limits_met"]),
        "workers that were not killed": 1 - len(day.deaths),
    }
    return {
        "newcomers": len(day.came),
        "latest_greeting_s": round(latest, 2),
        "callbacks": {name: sent.get(name, 0) for name in ("told", "duplicated", "reordered", "delivered")},
        "kept": Callback.objects.count(),
        "tokens_fetched": fetched,
        "limits_met": calls["limits_met"],
        "refusals": calls["refusals"],
        "calls": {f"{one['path']} {one['errcode']}": one["count"] for one in calls["calls"]},
        "friendships": len(friendships_in(truth)),
        "checks": checks,
        "wrong": [name for name, count in checks.items() if count],
    }


def friendships_in(truth: dict[str, Any]) -> dict[tuple[str, str], tuple[str, frozenset[str], str]]:
    """Return standing, tags and remark of each pair of the truth, as `tests.wecom.comparing` tells what is known here."""
    from tests.wecom.comparing import STANDINGS

    names = {one["id"]: one["name"] for one in truth["tags"]}
    found = {}
    for one in truth["relations"]:
        if one["tie"] in STANDINGS:
            is_shown = one["tie"] in {"both", "left_by_customer"}
            tags = frozenset(names[tag] for tag in one["tags"]) if is_shown else frozenset()
            found[one["userid"], one["external_userid"]] = (
                STANDINGS[one["tie"]], tags, one["remark"] if is_shown else "",
            )  # fmt: skip
    return found


def groups_in(truth: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Return name, owner, notice and members of the groups of the truth."""
    return {
        one["chat_id"]: (one["name"], one["owner"], one["notice"], frozenset(one["members"]))
        if one["dismissed_at"] is None
        else ("gone",)
        for one in truth["groups"]
    }


def differences(here: dict[Any, Any], there: dict[Any, Any]) -> int:
    """Return how many entries differ, and write some of them to standard error."""
    found = [key for key in {*here, *there} if here.get(key) != there.get(key)]
    for key in found[:3]:
        print(key, here.get(key), there.get(key), sep="\n  ", file=sys.stderr)
    return len(found)


def digests(external_userids: set[str]) -> list[bytes]:
    """Return the hashes by which contacts are looked up."""
    from yutang.foundation.sealing import digest16_many

    return digest16_many("wecom", "", external_userids)


def worker_of(parent: int) -> int:
    """Return the process that serves WeCom's queue below `yutang up`; it may just be starting again."""
    found: list[int] = []

    def look() -> bool:
        found[:] = [child for child in children_of(parent) if b"--queues\0wecom" in told_of(child, "cmdline")]
        return bool(found)

    until(look, what="the start of a worker")
    return found[0]


def children_of(parent: int) -> Iterator[int]:
    """Yield the processes right below another."""
    for folder in Path("/proc").glob("[0-9]*"):
        # The name in brackets may hold anything; state and parent stand behind it.
        _name, _, rest = told_of(int(folder.name), "stat").rpartition(b")")
        if rest.split()[1:2] == [str(parent).encode()]:
            yield int(folder.name)


def told_of(process: int, what: str) -> bytes:
    """Return what Linux tells of a process; nothing of one that is gone."""
    try:
        return Path(f"/proc/{process}/{what}").read_bytes()
    except OSError:
        return b""


@contextmanager
def sandbox(asked: argparse.Namespace, home: Path) -> Iterator[Corp]:
    """Run the simulated WeCom in a process of its own."""
    port = free_port()
    size = [f"--{name}={getattr(asked, name)}" for name in ("staff", "customers", "groups", "seed")]
    command = [sys.executable, "-m", "yutang.cli.main", "wecom", "simulate", f"--port={port}", *size, "--json"]
    process = subprocess.Popen(command, env=environment_of(home), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield Corp(json.loads(process.stdout.readline())["address"])
    finally:
        process.terminate()
        process.wait(timeout=30)


def until(condition: Callable[[], bool], *, what: str) -> None:
    """Wait for something, and end where it does not come."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"{what} did not end")
        time.sleep(0.2)


def timed(work: Callable[[], None]) -> float:
    """Return how long it took. Seconds."""
    begun = time.monotonic()
    work()
    return round(time.monotonic() - begun, 1)


if __name__ == "__main__":
    main()
