"""Measure a message to 25,000 customers of 40 staff and a post to 4,400 groups, on SQLite against the simulated WeCom.

    python benchmarks/bench_delivery.py --customers 25000 --staff 40 --groups 4400

Some customers have left their member of staff, some have had as much as WeCom allows, and two members of staff confirm nothing.
One JSON object on standard output: seconds of planning, giving, following and taking back, tasks and calls, and messages by
what is known of them in the end. Ends with 1 unless that is, person by person and group by group, what the simulator did.
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
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
#: Who confirms nothing.
_IDLE = ("staff007", "staff031")


def main() -> None:
    """Make people up, measure, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=25_000)
    parser.add_argument("--staff", type=int, default=40)
    parser.add_argument("--groups", type=int, default=4_400)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"YUTANG_HOME": folder, "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        told = measured(asked)
    json.dump(told, sys.stdout, indent=2, ensure_ascii=False)
    print()
    if told["differ"]:
        sys.exit("what is known is not what the simulator did")


def measured(asked: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one run."""
    corp = Corp(asked)
    seconds: dict[str, float] = {}
    timed = _timer(seconds)
    timed("plan", lambda: plan(corp))
    timed("give", lambda: give(corp))
    confirm(corp)
    timed("follow", lambda: follow(corp, timedelta(minutes=6)))
    timed("take_back", lambda: follow(corp, timedelta(hours=48)))
    known, truth = what_is_known(), what_was_done(corp)
    return {
        "seconds": seconds,
        "tasks": len(corp.world.tasks),
        "largest_task": max(len(t) for one in corp.world.tasks.values() for t in one.targets.values()),
        "messages": Counter(known.values()),
        "differ": sum(known.get(key) != end for key, end in truth.items()) + len(known.keys() ^ truth.keys()),
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


class Corp:
    """The simulated WeCom, its client, and who is who in the store."""

    def __init__(self, asked: argparse.Namespace) -> None:
        from yutang.connectors.wecom.client import WeCom
        from yutang.connectors.wecom.settings import WeComSettings
        from yutang.connectors.wecom.simulator.seeding import Size, seed_world
        from yutang.connectors.wecom.simulator.server import Simulator
        from yutang.connectors.wecom.simulator.world import World

        self.world = World(seed=asked.seed)
        self.world.clock.stop(NOW.timestamp())
        seed_world(
            self.world, Size(staff=asked.staff, customers=asked.customers, groups=asked.groups, owners=2, members=1)
        )
        simulator = Simulator(world=self.world).start()
        app = self.world.apps[0]
        told = {"corp_id": self.world.corp_id, "secret": app.secret, "base_url": simulator.base_url}
        self._client = WeCom(settings=WeComSettings(agent_id=app.agent_id, **told), clock=self.world.clock)
        followers = {external: userid for userid, relations in self.world.relations.items() for external in relations}
        self.people = dict(enumerate(sorted(followers.items()), 1))
        self.owners = {chat.chat_id: chat.owner for chat in self.world.chats.values()}
        self._spoil(random.Random(asked.seed))

    def now(self) -> datetime:
        """Return the time of the simulator."""
        return datetime.fromtimestamp(self.world.now(), UTC)

    def friends_of(self, customer_ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
        """Return external_userid and userid of each person."""
        return {one: self.people[one] for one in customer_ids if one in self.people}

    def owners_of(self, group_keys: Collection[str]) -> Mapping[str, tuple[str, str]]:
        """Return chat_id and owner of each group."""
        return {one: (one, self.owners[one]) for one in group_keys if one in self.owners}

    def client(self) -> Any:
        """Return the client."""
        return self._client

    def _spoil(self, chance: random.Random) -> None:
        from yutang.connectors.wecom.simulator.world import Tie

        some = chance.sample(sorted(self.people), min(300, len(self.people)))
        for number, person in enumerate(some):
            external, userid = self.people[person]
            if number % 3 == 0:
                self.world.relations[userid][external].tie = Tie.LEFT_BY_CUSTOMER
            elif number % 3 == 1:
                self.world.relations[userid][external].tie = Tie.DELETED_BY_STAFF
            else:
                self.world.received[external] = [self.world.now()] * 31


def plan(corp: Corp) -> None:
    """Write the people and groups to the store and plan a message for each."""
    from yutang.channels.actions import CampaignWish, Message, draft_campaign, plan_many
    from yutang.channels.models import Campaign, GroupStanding
    from yutang.channels.own_words import reference_of
    from yutang.customers.models import Customer, Identifier
    from yutang.foundation.access import Actor
    from yutang.foundation.sealing import digest16

    actor, joined = Actor.system(), NOW - timedelta(days=90)
    Customer.objects.bulk_create([Customer(pk=key, sealed_profile=b"", first_seen_at=joined) for key in corp.people])
    Identifier.objects.bulk_create(
        [
            Identifier(kind="wecom", digest=digest16("wecom", "", external), customer_id=key)
            for key, (external, _userid) in corp.people.items()
        ]
    )
    GroupStanding.objects.bulk_create(
        [GroupStanding(group_key=key, joined_at=joined, time_zone="Asia/Shanghai", since=joined) for key in corp.owners]
    )
    words = {"text": "您好，这周的穿搭分享来了"}
    made = {
        "wecom": {"people": sorted(corp.people)},
        "group": {"groups": sorted(corp.owners)},
    }
    for channel, audience in made.items():
        wish = CampaignWish(
            name=channel, channel=channel, intent="value", audience=audience, words=words, held_out_percent=0
        )
        row = Campaign.objects.get(pk=draft_campaign(actor=actor, wish=wish, now=NOW))
        Campaign.objects.filter(pk=row.pk).update(state="running", planned_at=NOW)
        common = {"channel": channel, "intent": "value", "campaign": row.key, "content": reference_of(row)}
        receivers = next(iter(audience.values()))
        named = "customer_id" if channel == "wecom" else "group_key"
        messages = [Message(key=f"{channel}:{one}", **{named: one}, **common) for one in receivers]
        plan_many(actor=actor, messages=messages, now=NOW)


def give(corp: Corp) -> None:
    """Give WeCom everything that is due."""
    from yutang.channels.delivery.mass import create_round

    while create_round(book=corp, clock=corp.now).claimed:
        continue


def confirm(corp: Corp) -> None:
    """Let everybody confirm but the idle."""
    from yutang.connectors.wecom.simulator import acts_mass

    corp.world.clock.advance(30)
    for msgid, userid in acts_mass.waiting(corp.world):
        if userid not in _IDLE:
            acts_mass.confirm(corp.world, msgid=msgid, userid=userid)


def follow(corp: Corp, span: timedelta) -> None:
    """Let time pass and ask what became of all tasks."""
    from yutang.channels.delivery.following import follow_round

    corp.world.clock.advance(span.total_seconds())
    while follow_round(book=corp, clock=corp.now):
        continue


def what_is_known() -> dict[str, str]:
    """Return what the store says of each message by its key."""
    from yutang.channels.models import Delivery

    return dict(Delivery.objects.values_list("touch__key", "state"))


def what_was_done(corp: Corp) -> dict[str, str]:
    """Return what the simulator did with each message by its key."""
    ends = {1: "delivered", 2: "not_a_friend", 3: "quota_refused"}
    by_target: dict[str, str] = {}
    for task in corp.world.tasks.values():
        for userid, targets in task.targets.items():
            results = task.results.get(userid, {})
            by_target |= {one: ends[results[one][0]] if one in results else "failed" for one in targets}
    people = {f"wecom:{key}": by_target.get(external, "not_a_friend") for key, (external, _) in corp.people.items()}
    return people | {f"group:{key}": by_target.get(key, "not_a_friend") for key in corp.owners}


def _timer(seconds: dict[str, float]) -> Callable[[str, Callable[[], None]], None]:
    def timed(name: str, work: Callable[[], None]) -> None:
        begun = time.perf_counter()
        work()
        seconds[name] = round(time.perf_counter() - begun, 2)

    return timed


if __name__ == "__main__":
    main()
