"""A small shop for the rooms: two stores' orders of a few months, imported like any file, scored, with today's list."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.importing import import_path

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
    from yutang.foundation.access import Actor
    from yutang.insight.actions import score_customers
    from yutang.insight.today import refresh_today

    import_path(orders_file(folder), now=NOW)
    score_customers(actor=Actor.system(), now=NOW)
    refresh_today(actor=Actor.system(), now=NOW)


def build(folder: Path) -> None:
    """Make regions and stores, footfall and advertising cost, and fill the shop; keep the files of imports in the folder."""
    import shutil

    from django.conf import settings

    from tests.console.test_business import lay
    from yutang.foundation.models import Region, Store

    imports = Path(settings.YUTANG_HOME) / "imports"
    shutil.rmtree(imports, ignore_errors=True)
    east, south = (Region.objects.create(name=name, ordinal=n) for n, name in enumerate(("华东", "华南"), 1))
    places = (
        ("xuhui", "SH01", "徐汇店", east, "上海"),
        ("pudong", "SH02", "浦东店", east, "上海"),
        ("tianhe", "GZ01", "天河店", south, "广州"),
    )
    stores = {
        key: Store.objects.create(code=code, name=name, region=region, city=city)
        for key, code, name, region, city in places
    }
    lay(stores)
    fill(folder)
    shutil.copytree(imports, folder / "imports")
