"""The requests of `bench_screens`: what each kind asks, how long the answer takes, and how many queries it needs."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from benchmarks.screens_store import LARGE, LOCKER, NOW, STORES, Filling, nickname, order_number, phone

#: Requests after which the memory of the process is looked at once more.
_MEMORY_REQUESTS = 1_000

Addresses = Iterator[str]


class Asking:
    """Asks the console, kind by kind."""

    def __init__(self, *, customers: int, orders: int, requests: int, seed: int) -> None:
        self.customers, self.orders, self.requests = customers, orders, requests
        self.chance = random.Random(seed)
        self.names = Filling(customers=customers, orders=orders, seed=seed).names
        self.queries = 0

    def measured(self, *, only: str) -> dict[str, Any]:
        """Return figures by kind, and the memory of the process before and after."""
        from django.db import connection

        from yutang.kit.memory import settle

        clients = {who: _client(who) for who in ("owner", "region", "manager")}
        kinds: dict[str, Any] = {}
        with mock.patch("django.utils.timezone.now", return_value=NOW), connection.execute_wrapper(self._counted):
            clients["owner"].get("/customers/")
            settle()
            begun = _resident_mib()
            for who, client in clients.items():
                for name, make in self._kinds(who).items():
                    if only in f"{who}: {name}":
                        kinds[f"{who}: {name}"] = self._kind(client, make)
            settled = _resident_mib()
            self._mixed(clients["owner"])
        memory = {"first_request_mib": begun, "after_all_kinds_mib": settled, "after_1000_more_mib": _resident_mib()}
        return {"kinds": kinds, "memory": memory}

    def _counted(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)

    def _kind(self, client: Any, make: Callable[[], Addresses]) -> dict[str, Any]:
        addresses = list(islice(make(), self.requests))
        first = self._ask(client, addresses[0])
        asked = [self._ask(client, address) for address in addresses]
        times = sorted(each[0] for each in asked)
        busy = sorted(each[2] for each in asked)
        slowest = max(zip(asked, addresses, strict=True))[1]
        return {
            "requests": len(asked),
            "first": first[0],
            "p50": round(statistics.median(times), 1),
            "p95": times[min(len(times) - 1, int(len(times) * 0.95))],
            "max": times[-1],
            "cpu_p50": round(statistics.median(busy), 1),
            "cpu_p95": busy[min(len(busy) - 1, int(len(busy) * 0.95))],
            "queries": [min(each[1] for each in asked), max(each[1] for each in asked)],
            "slowest": slowest,
        }

    def _ask(self, client: Any, address: str) -> tuple[float, int, float]:
        """Return the milliseconds of an answer, its queries, and the milliseconds that the processor worked for it."""
        self.queries = 0
        started, busy = time.perf_counter(), time.thread_time()
        answer = client.get(address)
        spent = round((time.perf_counter() - started) * 1000, 1)
        worked = round((time.thread_time() - busy) * 1000, 1)
        assert answer.status_code in {200, 302}, (address, answer.status_code)
        return spent, self.queries, worked

    def _mixed(self, client: Any) -> None:
        kinds = [make() for name, make in self._kinds("owner").items() if "deep" not in name]
        for _ in range(_MEMORY_REQUESTS):
            addresses = self.chance.choice(kinds)
            client.get(next(addresses))

    def _kinds(self, who: str) -> dict[str, Callable[[], Addresses]]:
        listed = {
            "list by spend": lambda: self._list(who),
            "list by last order": lambda: self._list(who, sort="last_order"),
            "list newest": lambda: self._list(who, sort="newest"),
            "list by spend, stage": lambda: self._list(who, stage=True),
            "list by last order, stage": lambda: self._list(who, stage=True, sort="last_order"),
            "list newest, stage": lambda: self._list(who, stage=True, sort="newest"),
            "list, tag": lambda: self._list(who, tag=True),
            "list, tag and stage": lambda: self._list(who, tag=True, stage=True),
            "pages deep by spend": lambda: self._deep(who, "spend"),
            "pages deep by last order": lambda: self._deep(who, "last_order"),
            "pages deep newest": lambda: self._deep(who, "newest"),
        }
        found = {f"search {name}": self._searching(texts) for name, texts in self._texts().items()}
        if who == "owner":
            listed |= {
                "list by spend, store": lambda: self._list(who, store=True),
                "list by last order, store": lambda: self._list(who, store=True, sort="last_order"),
                "list by spend, store and stage": lambda: self._list(who, store=True, stage=True),
                "list, tag and store": lambda: self._list(who, tag=True, store=True),
                "search name and store": self._searching(self._some_name, store=True),
                "search name and tag": self._searching(self._some_name, tag=True),
                "search surname and stage": self._searching(self._common_surname, stage=True),
            }
        return {**listed, **found, **self._rooms(who)}

    def _rooms(self, who: str) -> dict[str, Callable[[], Addresses]]:
        rooms = {
            "today": lambda: _again("/today/"),
            "today, all": lambda: _again("/today/?all=1&column=repurchase_due"),
            "dashboard": self._dashboards,
            **self._messages(who),
        }
        if who != "owner":
            return rooms
        one = "/customers/{}/"
        return rooms | {
            "dashboard of a store that nobody looked at": self._dashboards_of_stores,
            "360 of anybody": lambda: (one.format(self._somebody()) for _ in iter(int, 1)),
            **{f"360 with {n} orders": lambda i=i: _again(one.format(i)) for i, n in LARGE},
            "360 with a number of thousands": lambda: _again(one.format(50)),
            "imports": lambda: _again("/imports/"),
            "one import with kept rows": lambda: _again("/imports/120/"),
            "kept rows": lambda: _again("/imports/120/rows/"),
            "review": lambda: _again("/review/"),
            "jobs": lambda: _again("/jobs/"),
        }

    def _messages(self, who: str) -> dict[str, Callable[[], Addresses]]:
        choice, room = self.chance.choice, "/messages/"

        def asked(make: Callable[[], dict[str, Any]]) -> Callable[[], Addresses]:
            return lambda: (room + "?" + urlencode(make()) for _ in iter(int, 1))

        states = ("planned", "refused", "failed", "not_a_friend", "delivered", "notified", "quota_refused", "unknown")
        found = {
            "messages": lambda: _again(room),
            "messages, deep": lambda: self._deep_messages({}),
            "messages by state": asked(lambda: {"state": choice(states)}),
            "messages by channel": asked(lambda: {"channel": choice(("wecom", "sms", "email", "phone", "group"))}),
            "messages that came in": asked(lambda: {"direction": "in"}),
            "messages nobody answered": asked(lambda: {"state": "unanswered"}),
            "messages of groups": lambda: _again(room + "groups/"),
            "messages, quota": lambda: _again(room + "quota/"),
            "messages, without a place": lambda: _again(room + "quota/without/"),
        }
        if who != "owner":
            return found
        return found | {
            "messages of a campaign": asked(lambda: {"campaign": f"c{choice(range(12))}"}),
            "messages of a campaign, deep": lambda: self._deep_messages({"campaign": "c7"}),
            "messages of a campaign by state": asked(
                lambda: {"campaign": f"c{choice(range(12))}", "state": choice(states)}
            ),
            "messages of a store": asked(lambda: {"store": self.chance.randrange(1, STORES + 1)}),
            "messages of a member of staff": asked(lambda: {"staff": self.chance.randrange(4, STORES + 4)}),
            "messages of a person": lambda: (f"{room}people/{self._somebody()}/" for _ in iter(int, 1)),
            "one message": lambda: (f"{room}{self._somebody()}/" for _ in iter(int, 1)),
            "messages of a group": lambda: (f"{room}groups/{self.chance.randrange(1, 4_401)}/" for _ in iter(int, 1)),
        }

    def _deep_messages(self, narrowed: dict[str, Any]) -> Addresses:
        """Yield pages that follow any message, among hundreds of thousands of one instant."""
        from yutang.channels.models import Touch

        while True:
            at, key = Touch.objects.values_list("at", "pk").get(pk=self.chance.randrange(1, self.customers))
            yield "/messages/?" + urlencode({**narrowed, "after": f"{int(at.timestamp() * 1_000_000)}-o-{key}"})

    def _list(
        self, who: str, *, sort: str = "", stage: bool = False, tag: bool = False, store: bool = False
    ) -> Addresses:
        while True:
            yield self._address("", sort=sort, stage=stage, tag=tag, store=store)

    def _address(
        self, text: str, *, sort: str = "", stage: bool = False, tag: bool = False, store: bool = False
    ) -> str:
        asked: dict[str, Any] = {"q": text, "sort": sort}
        if stage:
            asked["stage"] = self.chance.choice(("new", "growing", "loyal", "at_risk", "asleep", "lost", "prospect"))
        if tag:
            asked["tag"] = self.chance.choice((1, 2, 3))
        if store:
            asked["store"] = self.chance.randrange(1, STORES + 1)
        return "/customers/?" + urlencode({name: value for name, value in asked.items() if value})

    def _deep(self, who: str, sort: str) -> Addresses:
        """Yield pages that follow a key anywhere in the list, as if one had turned hundreds of pages."""
        from yutang.insight.models import Score

        while True:
            if sort == "newest":
                yield "/customers/?" + urlencode({"sort": sort, "after": self._somebody()})
                continue
            score = Score.objects.filter(customer_id=self._somebody()).first()
            value = score and (score.spend_minor if sort == "spend" else score.last_order_date)
            if score is not None and value is not None:
                yield "/customers/?" + urlencode({"sort": sort, "after": f"{value}~{score.customer_id}"})

    def _searching(self, texts: Callable[[], str], **narrowed: bool) -> Callable[[], Addresses]:
        return lambda: (self._address(texts(), **narrowed) for _ in iter(int, 1))

    def _texts(self) -> dict[str, Callable[[], str]]:
        choice = self.chance.choice
        return {
            "phone": lambda: phone(self._somebody()).removeprefix("+86"),
            "phone of thousands": lambda: LOCKER,
            "full name": self._some_name,
            "common surname": self._common_surname,
            "rare surname": lambda: choice("臧闵苟邬边卞姬栾隋商刁沙"),
            "given name": lambda: self._some_name()[1:],
            "common character": lambda: choice("子欣雨涵怡婷佳文"),
            "common pairs that never meet": lambda: choice(("王子王欣", "李雨李子", "张欣张佳", "刘思刘雨")),
            "nickname": lambda: nickname(self._somebody()),
            "order number": lambda: order_number(self.chance.randrange(1, self.orders + 1)),
            "no hit": lambda: choice(("龘靐", "zzz", "13100000000", "nobody@example.com", "999-000", "王龘")),
        }

    def _some_name(self) -> str:
        import numpy as np

        return self.names(np.array([self._somebody()]))[0]

    def _common_surname(self) -> str:
        return self.chance.choice("王李张刘陈")

    def _dashboards(self) -> Addresses:
        while True:
            yield f"/business/?days={self.chance.choice((7, 30, 90, 365))}"

    def _dashboards_of_stores(self) -> Addresses:
        """Yield a year of one store after the other: none is prepared, each is asked for the first time."""
        yield "/business/?days=365"
        while True:
            for store in self.chance.sample(range(1, STORES + 1), STORES):
                yield f"/business/?days=365&store={store}"

    def _somebody(self) -> int:
        return self.chance.randrange(1, self.customers + 1)


def _again(address: str) -> Addresses:
    while True:
        yield address


def _client(username: str) -> Any:
    from django.test import Client

    from yutang.foundation.models import Staff

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(Staff.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def _resident_mib() -> dict[str, float]:
    """Return what the process holds in memory now: in all, and without pages of files that all processes share."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {name: round(int(lines[row].split()[0]) / 1024, 1) for name, row in (("rss", "VmRSS"), ("own", "RssAnon"))}
