"""Measures how fast people are told apart and written: `python benchmarks/bench_identity.py --people 300000`."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉建华国红志玉梅晓春云海燕宇欣子涵雨轩浩然思佳"


def observations(*, people: int, batch: int, seed: int, again: bool) -> list[pa.Table]:
    """Return batches with one row per person: a nickname, a phone and a name that belong together."""
    chance = random.Random(seed)
    tables = []
    for start in range(0, people, batch):
        rows = range(start, min(start + batch, people))
        names = [chance.choice(_FAMILY) + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2)))) for _ in rows]
        columns = {
            "receiver_name": pa.array(names),
            "receiver_phone": pa.array([f"+86199{i:08d}" for i in rows]),
            "nickname": pa.array([f"tb_{i * 7919 % 99991}_{i}" for i in rows]),
            "province": pa.array(["浙江省"] * len(rows)),
            "city": pa.array(["杭州市"] * len(rows)),
            "seen_at": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * len(rows), pa.timestamp("us", "UTC")),
        }
        tables.append(pa.table(columns))
    return tables * 2 if again else tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=300_000)
    parser.add_argument("--batch", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="resolve everything a second time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(YUTANG_HOME=folder, DJANGO_SETTINGS_MODULE="yutang.config.settings")
        json.dump(measure(options), sys.stdout)
        print()


def measure(options: argparse.Namespace) -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from yutang.customers.identity import Origin, resolve_people
    from yutang.customers.models import Customer

    call_command("migrate", verbosity=0)
    tables = observations(people=options.people, batch=options.batch, seed=options.seed, again=options.again)
    origin = Origin(import_id=None, account_scope="taobao:bench")
    seconds = []
    for table in tables:
        started = time.perf_counter()
        with transaction.atomic():
            resolve_people(observed=table, origin=origin, now=datetime.now(UTC))
        seconds.append(round(time.perf_counter() - started, 3))
    total = sum(seconds)
    return {
        "people": Customer.objects.count(),
        "observations": sum(t.num_rows for t in tables),
        "seconds": round(total, 2),
        "observations_per_second": round(sum(t.num_rows for t in tables) / total),
        "seconds_by_batch": seconds,
        "database_mib": round(Path(os.environ["YUTANG_HOME"], "yutang.sqlite3").stat().st_size / 2**20, 1)
        if not os.environ.get("DATABASE_URL")
        else None,
    }


if __name__ == "__main__":
    main()
