"""A large made-up store for `bench_screens`: people with sealed profiles, orders, scores, tags, imports, pairs to decide."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

LAST_DAY = date(2026, 6, 30)
NOW = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
DAYS = 730
STORES = 200
STORES_OF_REGION = 20
IMPORTS = 120
#: People who stand out: (customer, orders).
LARGE = ((3, 2_000), (5, 300), (7, 60))
SCOPES = ("taobao:旗舰店", "douyin:抖音店", "jd:京东店")
ISSUER = "erp"
_BLOCK = 50_000
_CITIES = ("上海市", "北京市", "广州市", "深圳市", "杭州市", "成都市", "武汉市", "西安市")
#: A receiver's number that many were seen with, as of a parcel locker. Share of people.
_LOCKER_RATIO = 0.02
LOCKER = "+8619999999999"


#: What imports of order reports remember of how they were read.
PLAN = {
    "sheets": [
        {
            "name": "",
            "sheet": "",
            "target": "orders",
            "format": "taobao_orders",
            "grain": "order",
            "columns": {"order_number": 0},
            "extras": {},
        }
    ]
}


def end_on(day: date) -> None:
    """Let the store that is filled next end on this day: a server that runs knows no other day than today."""
    global LAST_DAY, NOW
    LAST_DAY, NOW = day, datetime(day.year, day.month, day.day, 18, 0, tzinfo=UTC)


class Filling:
    """Writes the store, table by table, and notes how long each took."""

    def __init__(self, *, customers: int, orders: int, seed: int) -> None:
        from yutang.simulator.chance import Dice

        self.customers, self.orders = customers, orders
        self.dice = Dice(seed)
        self.seconds: dict[str, float] = {}
        self.people = np.arange(1, customers + 1)
        self.store_of = (self.dice.uniform("store", self.people) ** 1.5 * STORES).astype(np.int64) + 1

    def run(self) -> dict[str, float]:
        """Fill everything and let the real code derive lake, scores, today's list and the dashboard's answers."""
        from yutang.foundation.access import Actor
        from yutang.ingest.lake_sync import rebuild_lake
        from yutang.insight.actions import follow_new_orders

        for part in (self._places, self._people, self._tokens, self._keys, self._orders, self._lines, self._tags):
            self._timed(part.__name__.strip("_"), part)
        self._timed("messages", self._messages)
        self._timed("imports", self._imports)
        self._timed("pairs", self._pairs)
        self._timed("rebuild_lake", lambda: rebuild_lake(now=NOW))
        self._timed("follow_new_orders", lambda: follow_new_orders(actor=Actor.system(), now=NOW))
        return self.seconds

    def _timed(self, name: str, part: Any) -> None:
        from django.db import transaction

        started = time.perf_counter()
        if name in {"rebuild_lake", "follow_new_orders"}:
            part()
        else:
            with transaction.atomic():
                part()
        self.seconds[name] = round(time.perf_counter() - started, 1)

    def _places(self) -> None:
        from yutang.customers.models import AccountScope
        from yutang.foundation.models import Staff, Store
        from yutang.orders.models import Product, Shop

        Store.objects.bulk_create(Store(id=i, code=f"S{i:03d}", name=f"{i}号店") for i in range(1, STORES + 1))
        owner = Staff.objects.create(username="owner", display_name="王老板", role="owner")
        manager = Staff.objects.create(username="manager", display_name="李店长", role="store_manager")
        region = Staff.objects.create(username="region", display_name="赵区经", role="region_manager")
        manager.stores.set([STORES // 2])
        region.stores.set(range(1, STORES, STORES // STORES_OF_REGION))
        for store in range(1, STORES + 1):
            own = Staff.objects.create(username=f"m{store}", display_name=f"店长{store}", role="store_manager")
            own.stores.set([store])
        assert owner.pk
        for scope in SCOPES:
            Shop.objects.create(platform=scope.partition(":")[0], name=scope.partition(":")[2])
            AccountScope.objects.create(kind="nickname", scope=scope)
        AccountScope.objects.create(kind="member_no", scope=ISSUER)
        Product.objects.bulk_create(
            Product(id=i, shop_id=i % len(SCOPES) + 1, code=f"P{i}", name=f"纯棉上衣 {i}") for i in range(1, 501)
        )

    def names(self, people: Any) -> list[str]:
        """Return the names of people; surnames as frequent as in the country."""
        from yutang.simulator.names import GIVEN_NAMES, SURNAMES, given_names, surnames

        female = self.dice.happens("female", people, 0.7)
        given = given_names(self.dice, people, female=female)
        family = surnames(self.dice, people)
        return [SURNAMES[a] + GIVEN_NAMES[b] for a, b in zip(family.tolist(), given.tolist(), strict=True)]

    def _people(self) -> None:
        from yutang.foundation.bulk import insert_rows
        from yutang.foundation.sealing import seal_many

        columns = ("id", "sealed_profile", "store_id", "first_seen_at")
        for start in range(0, self.customers, _BLOCK):
            people = self.people[start : start + _BLOCK]
            records = [record(one, name) for one, name in zip(people.tolist(), self.names(people), strict=True)]
            stores = self.store_of[start : start + _BLOCK].tolist()
            sealed = seal_many(records)
            seen = _instants(self.dice.whole("seen", people, DAYS))
            insert_rows("customers_customer", columns, zip(people.tolist(), sealed, stores, seen, strict=True))

    def _tokens(self) -> None:
        """The whole table ascending: how an index of tokens grows is what `bench_identity` measures."""
        from yutang.customers.name_search import token_rows
        from yutang.foundation.bulk import insert_rows

        named = ((one, (name,)) for one, name in zip(self.people.tolist(), self.names(self.people), strict=True))
        insert_rows("customers_nametoken", ("token", "customer_id"), token_rows(named))

    def _keys(self) -> None:
        from yutang.foundation.bulk import insert_rows
        from yutang.foundation.sealing import digest16, digest16_many

        people = self.people.tolist()
        columns = ("kind", "scope", "digest", "customer_id")
        phones = digest16_many("phone", "", map(phone, people))
        insert_rows(
            "customers_identifier", columns, (("phone", "", d, i) for d, i in sorted(zip(phones, people, strict=True)))
        )
        for place, scope in enumerate(SCOPES):
            own = [i for i in people if i % len(SCOPES) == place]
            digests = digest16_many("nickname", scope, map(nickname, own))
            rows = (("nickname", scope, d, i) for d, i in sorted(zip(digests, own, strict=True)))
            insert_rows("customers_identifier", columns, rows)
        locker = digest16("phone", "", LOCKER)
        sharing = people[: int(self.customers * _LOCKER_RATIO)]
        insert_rows("customers_contestedidentifier", columns, (("phone", "", locker, i) for i in sharing))

    def _orders(self) -> None:
        from yutang.foundation.bulk import insert_rows

        columns = (
            "id", "shop_id", "number", "customer_id", "store_id", "status", "channel", "title", "item_count", "placed_at",
            "business_date", "currency", "goods_minor", "shipping_minor", "total_minor", "total_is_stated", "refunded_minor",
            "content_digest",
        )  # fmt: skip
        insert_rows("orders_order", columns, self._order_rows())

    def _order_rows(self) -> Iterator[tuple[Any, ...]]:
        digest = bytes(16)
        large = {place: who for who, count in LARGE for place in range(who, who + count * 11, 11)}
        for start in range(0, self.orders, _BLOCK):
            ids = np.arange(start + 1, min(start + _BLOCK, self.orders) + 1)
            # A tenth of the people never bought: they are at the end of the keys.
            who = (self.dice.uniform("buyer", ids) ** 2 * self.customers * 0.9).astype(np.int64) + 1
            ago = DAYS - 1 - ids * (DAYS - 1) // self.orders
            # Some spend more than others each time: where all are alike no model of value fits.
            level = 0.3 + 3 * self.dice.uniform("level", who) ** 2
            totals = ((1_000 + self.dice.whole("total", ids, 50_000)) * level).astype(np.int64)
            refunded = np.where(self.dice.happens("refund", ids, 0.03), totals, 0)
            placed = _instants(ago)
            columns = (ids.tolist(), who.tolist(), ago.tolist(), totals.tolist(), refunded.tolist(), placed)
            for i, one, days, total, back, at in zip(*columns, strict=True):
                buyer = large.get(i, one)
                day = (LAST_DAY - timedelta(days=days)).isoformat()
                shop, store = i % len(SCOPES) + 1, int(self.store_of[buyer - 1])
                yield (
                    i, shop, order_number(i), buyer, store, 40, "", "", 1, at, day, "CNY", total, 0, total, True, back, digest,
                )  # fmt: skip

    def _lines(self) -> None:
        from yutang.foundation.bulk import insert_rows

        columns = (
            "order_id", "line_key", "position", "product_id", "spec", "quantity", "unit_price_minor", "amount_minor",
        )  # fmt: skip
        rows = (
            (i, bytes((part,)), part, (i + part) % 500 + 1, "", 1, 1_000, 1_000)
            for i in range(1, self.orders + 1)
            for part in range(2 if i % 3 == 0 else 1)
        )
        insert_rows("orders_orderline", columns, rows)

    def _tags(self) -> None:
        from yutang.customers.models import Tag, TagGroup
        from yutang.foundation.bulk import db_instant, insert_rows

        group = TagGroup.objects.create(name="偏好")
        given = db_instant(NOW)
        for tag_id, (name, ratio) in enumerate((("会员", 0.3), ("贵宾", 0.01), ("内购", 0.0002)), 1):
            Tag.objects.create(id=tag_id, group=group, name=name)
            carrying = self.people[self.dice.happens(name, self.people, ratio)].tolist()
            rows = ((one, tag_id, "import", given) for one in carrying)
            insert_rows("customers_customertag", ("customer_id", "tag_id", "origin", "given_at"), rows)

    def _messages(self) -> None:
        from benchmarks.messages_store import Messages

        Messages(customers=self.customers, store_of=self.store_of, now=NOW, dice=self.dice).fill()

    def _imports(self) -> None:
        from yutang.foundation.bulk import insert_rows
        from yutang.foundation.sealing import seal
        from yutang.ingest.models import Import, ImportOverlap

        made = [
            Import(
                file_name=f"ExportOrderList{i}.csv",
                target="orders",
                format="taobao_orders",
                status="done",
                plan=PLAN,
                created_at=NOW,
            )
            for i in range(IMPORTS)
        ]
        Import.objects.bulk_create(made)
        ImportOverlap.objects.bulk_create(
            ImportOverlap(later=made[i + 1], earlier=made[i], rows=i) for i in range(IMPORTS - 1)
        )
        reason = json.dumps({"template": "This is not a number.", "values": {}})
        sealed = seal({"header": ["订单号"], "cells": ["A1"]})
        columns = (
            "source_id",
            "sheet",
            "row_number",
            "column",
            "reason_code",
            "reason",
            "sealed_row",
            "amount_minor",
            "status",
            "digest",
        )
        rows = (
            (made[-1 - i % 3].pk, "", i, "订单号", "not_a_number", reason, sealed, 100, "open", i.to_bytes(16))
            for i in range(self.customers // 50)
        )
        insert_rows("ingest_quarantinedrow", columns, rows)

    def _pairs(self) -> None:
        from yutang.foundation.bulk import db_instant, insert_rows

        reason = json.dumps({"template": "Both have the phone, but their names differ.", "values": {}})
        columns = ("first_id", "second_id", "kind", "reason", "identifier_kind", "status", "opened_at")
        opened = db_instant(NOW)
        rows = (
            (one, one + 1, "names_differ", reason, "phone", "open", opened) for one in range(1, self.customers // 20, 5)
        )
        insert_rows("customers_reviewcase", columns, rows)


def record(customer_id: int, name: str) -> dict[str, Any]:
    """Return the profile of a person, in the shape of `customers.profile`."""
    scope = SCOPES[customer_id % len(SCOPES)]
    city = _CITIES[customer_id % len(_CITIES)]
    return {
        "name": name,
        "phones": [phone(customer_id), *([LOCKER] if customer_id % 50 == 0 else [])],
        "accounts": [["nickname", scope, nickname(customer_id)]],
        "gender": "f" if customer_id % 3 else "m",
        "region": {
            "country": "中国",
            "city": city,
            "district": "徐汇区",
            "address": f"星澜街{customer_id % 997}号",
            "at": 1,
        },
        **({"contacts": [["李四", phone(customer_id + 1)]]} if customer_id % 9 == 0 else {}),
    }


def phone(customer_id: int) -> str:
    """Return a number of a range that nobody owns."""
    return f"+86199{customer_id:08d}"


def nickname(customer_id: int) -> str:
    """Return a shop nickname."""
    return f"tb_{customer_id * 7919 % 99991}_{customer_id}"


def order_number(order_id: int) -> str:
    """Return a number as a marketplace gives it."""
    return f"26{order_id:016d}"


def _instants(days_ago: Any) -> list[Any]:
    from yutang.foundation.bulk import db_instant

    by_day = [
        db_instant(datetime(day.year, day.month, day.day, 4, 30, tzinfo=UTC))
        for day in (LAST_DAY - timedelta(days=ago) for ago in range(DAYS))
    ]
    return [by_day[ago] for ago in days_ago.tolist()]
