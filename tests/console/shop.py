"""A small shop for the rooms: two stores' orders of a few months, imported like any file, scored, with today's list."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.importing import import_path
from tests.support.again import laid

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
_HEADER = "订单号,下单时间,买家姓名,手机号,会员号,商品编码,商品名称,数量,单价,实付金额,门店编码\n"
COLUMNS = tuple(_HEADER.strip().split(","))
_NAMES = ("朱娜", "王强", "李静", "张伟", "陈敏", "赵磊", "孙丽", "周洋", "吴艳", "郑超")


def orders_file(folder: Path, *, people: int = 40, bad_rows: int = 3) -> Path:
    """Write an order file whose last rows cannot be taken."""
    rng = random.Random(5)
    lines = [_HEADER]
    number = 0
    for person in range(people):
        day = date(2025, 9, 1) + timedelta(days=rng.randrange(60))
        pause = rng.choice((9, 25, 60))
        while day < date(2026, 3, 10):
            number += 1
            price = rng.choice((59, 128, 199))
            store = "SH01" if person % 2 else "SH02"
            who = f"{_NAMES[person % len(_NAMES)]},1455000{person:04d},M{person:04d}"
            lines.append(f"A{number:05d},{day} 14:20:00,{who},P{number % 5},纯棉上衣,1,{price},{price},{store}\n")
            day += timedelta(days=pause + rng.randrange(6))
    for bad in range(bad_rows):
        lines.append(f"B{bad:05d},2026年13月40日,钱多,14551110000,,P1,纯棉上衣,1,两百,200,SH01\n")
    path = folder / "门店订单.csv"
    path.write_text("".join(lines), encoding="gb18030")
    return path


def fill(folder: Path) -> None:
    """Import the orders, score the people and propose what to do."""
    laid("shop", lambda: _make(folder))


def _make(folder: Path) -> None:
    from yutang.foundation.access import Actor
    from yutang.insight.actions import score_customers
    from yutang.insight.today import refresh_today

    import_path(orders_file(folder), now=NOW)
    score_customers(actor=Actor.system(), now=NOW)
    refresh_today(actor=Actor.system(), now=NOW)


def lay(stores: Mapping[str, Any]) -> None:
    """Write footfall of both stores, less of it in the last month, and advertising cost."""
    days = [date(2025, 9, 1) + timedelta(days=n) for n in range(191)]
    from yutang.ingest.journal import touch
    from yutang.visits.models import AdCost, Footfall

    Footfall.objects.bulk_create(
        Footfall(
            store=stores[name],
            business_date=day,
            passers_by=300 if day < date(2026, 2, 8) else 200,
            entries=30 if day < date(2026, 2, 8) else 20,
        )
        for name in ("xuhui", "pudong")
        for day in days
    )
    AdCost.objects.bulk_create(
        AdCost(channel="大众点评", campaign="", business_date=day, currency="CNY", cost_minor=12_345) for day in days
    )
    for table in ("visits_footfall", "visits_ad_cost"):
        touch(table, {day.strftime("%Y-%m") for day in days}, now=NOW)


def fill_with_footfall(folder: Path, stores: Mapping[str, Any]) -> None:
    """Fill the shop, with footfall and advertising cost."""

    def make() -> None:
        lay(stores)
        _make(folder)

    laid("shop with footfall", make)
