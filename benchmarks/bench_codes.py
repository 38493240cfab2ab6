"""Measure the figures of channel codes by which a million people came, on SQLite with a lake.

    python benchmarks/bench_codes.py --codes 200 --people 1000000

Writes people, codes and who came by which, a third of whom have left and a third of whom have ordered; brings them into the lake, lets
a thousand more come since, and asks for the list of codes, for one code and for who is on duty. One JSON object on standard output:
milliseconds of each, also of the processor, the first time (nothing is kept of this version of the lake) and again, and statements.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime.now(UTC)
_DAYS = 365
_SINCE = 1_000
_STAFF = 50


def main() -> None:
    """Make everything, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codes", type=int, default=200)
    parser.add_argument("--people", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"YUTANG_HOME": folder, "DJANGO_SETTINGS_MODULE": "yutang.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        make(asked.people, asked.codes)
        json.dump({"people": asked.people, "codes": asked.codes, **measure()}, sys.stdout, indent=2)


def make(people: int, codes: int) -> None:
    """Write people, codes, who came and ordered; bring them into the lake, then let some more come."""
    from django.db import transaction

    from yutang.codes.models import Code, Shift, Spot
    from yutang.foundation import bulk
    from yutang.ingest.lake_sync import rebuild_lake
    from yutang.orders.models import Shop
    from yutang.wecom.models import Account

    seen = bulk.db_instant(NOW - timedelta(days=400))
    with transaction.atomic():
        accounts = [Account(userid=f"s{n}", seen_at=NOW) for n in range(_STAFF)]
        Account.objects.bulk_create(accounts)
        made = {"kind": "parcel", "currency": "CNY", "unit_cost_minor": 200, "made_at": NOW, "changed_at": NOW}
        rows = Code.objects.bulk_create([Code(name=f"code {n}", **made) for n in range(codes)])
        Spot.objects.bulk_create([Spot(code=one, name="spot", token=f"t{one.pk}", made_at=NOW) for one in rows])
        Shift.objects.bulk_create([Shift(code=one, account=each) for one in rows for each in accounts[:5]])
        shop = Shop.objects.create(platform="own", name="till")
        _insert(
            "customers_customer",
            ("id", "sealed_profile", "first_seen_at"),
            ((n, b"", seen) for n in range(1, people + _SINCE + 1)),
        )
        _insert("codes_newcomer", _NEWCOMER, (_newcomer(n, codes, accounts[0].pk) for n in range(1, people + 1)))
        _insert("orders_order", _ORDER, (_order(n, shop.pk) for n in range(1, people + 1, 3)))
    rebuild_lake(now=NOW)
    with transaction.atomic():
        _insert(
            "codes_newcomer",
            _NEWCOMER,
            (_newcomer(people + n, codes, accounts[0].pk, days=0) for n in range(1, _SINCE + 1)),
        )


def measure() -> dict[str, Any]:
    """Return milliseconds and statements of each question, first and again."""
    from yutang.codes import queries
    from yutang.codes.running import duties
    from yutang.foundation.access import Actor

    system, now = Actor.system(), datetime.now(UTC)
    first = queries.codes(access=system, now=now)[0]
    asked: dict[str, Callable[[], object]] = {
        "list": lambda: queries.codes(access=system, now=now),
        "one": lambda: queries.code_view(access=system, code_id=first.id, now=now),
        "curve": lambda: queries.kept_curve(access=system, code_id=first.id, now=now),
        "weeks": lambda: queries.weeks(
            access=system, code_id=first.id, since=now.date() - timedelta(weeks=16), now=now
        ),
        "duties": lambda: duties(now=now),
    }
    _forget()
    return {
        "came": sum(one.tally.came for one in queries.codes(access=system, now=now)),
        **{name: {"first": _timed(ask, is_new=True), "again": _timed(ask)} for name, ask in asked.items()},
    }


def _timed(ask: Callable[[], object], *, is_new: bool = False) -> dict[str, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    if is_new:
        _forget()
    with CaptureQueriesContext(connection) as caught:
        began, worked = time.perf_counter(), time.process_time()
        ask()
        took, worked = time.perf_counter() - began, time.process_time() - worked
    return {"ms": round(took * 1000, 1), "cpu_ms": round(worked * 1000, 1), "statements": len(caught)}


def _forget() -> None:
    """Forget the answers that are kept for this version of the lake."""
    import shutil

    from yutang.ingest.lake_sync import the_lake

    shutil.rmtree(the_lake().root / "cache", ignore_errors=True)


_NEWCOMER = (
    "code_id", "spot_id", "customer_id", "account_id", "was_known", "added_at", "added_date", "left_at", "left_date", "verdict",
    "is_remarked", "noted",
)  # fmt: skip
_ORDER = (
    "shop_id", "number", "customer_id", "status", "channel", "title", "item_count", "business_date", "currency", "goods_minor",
    "shipping_minor", "total_minor", "total_is_stated", "refunded_minor", "content_digest",
)  # fmt: skip


def _newcomer(n: int, codes: int, account_id: int, *, days: int | None = None) -> tuple[Any, ...]:
    from django.utils import timezone

    from yutang.foundation import bulk

    code = n % codes + 1
    added = NOW - timedelta(days=1 + n * 7_919 % _DAYS if days is None else days, seconds=n % 3_600)
    left: datetime | None = added + timedelta(days=n % 61)
    if n % 3 or added + timedelta(days=n % 61) > NOW - timedelta(hours=2):
        left = None
    day, left_on = (
        timezone.localtime(added).date().isoformat(),
        timezone.localtime(left).date().isoformat() if left else None,
    )
    return (
        code, code, n, account_id, n % 2, bulk.db_instant(added), day, bulk.db_instant(left), left_on, "allow",
        1, "joined",
    )  # fmt: skip


def _order(n: int, shop_id: int) -> tuple[Any, ...]:
    day = (NOW - timedelta(days=n * 31 % _DAYS)).date().isoformat()
    return (shop_id, f"W{n}", n, 20, "", "", 1, day, "CNY", 9_900, 0, 9_900, 1, 0, b"")


def _insert(table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    from yutang.foundation import bulk

    bulk.insert_rows(table, columns, rows)


if __name__ == "__main__":
    main()
