"""Measure the lake, the scores and the dashboard on made-up orders: one JSON object on standard output.

    python benchmarks/bench_lake.py --orders 1000000 --customers 1000000

The store is SQLite in a temporary folder, or what DATABASE_URL names (an empty database).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

LAST_DAY = date(2026, 6, 30)
NOW = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
MONTHS = 24


def main() -> None:
    """Run the benchmark."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-lake-") as folder:
        os.environ["YUTANG_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "yutang.config.settings"
        sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        result = _measured(options)
    print(json.dumps(result))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--stores", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=15, help="how often each dashboard is asked for")
    return parser.parse_args()


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    from yutang.foundation.access import Actor
    from yutang.ingest.lake_sync import lake_status, rebuild_lake, sync_lake
    from yutang.insight.actions import prepare_answers, score_customers
    from yutang.insight.queries import (
        cohorts,
        dashboard,
        scored_customers,
    )
    from yutang.insight.today import refresh_today
    from yutang.worklist.queries import today_for

    actor = Actor.system()
    today = LAST_DAY + timedelta(days=1)
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        answer = work()
        seconds[name] = round(time.perf_counter() - started, 3)
        return answer

    timed("fill_the_store", lambda: _fill(options))
    timed("rebuild_lake", lambda: rebuild_lake(now=NOW))
    peak_of_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    _touch(1)
    timed("sync_one_month", lambda: sync_lake(now=NOW))
    timed("sync_nothing", lambda: sync_lake(now=NOW))
    timed("score_first", lambda: score_customers(actor=actor, now=NOW))
    timed("score_again", lambda: score_customers(actor=actor, now=NOW))
    timed("refresh_today", lambda: refresh_today(actor=actor, now=NOW))
    timed("today_for", lambda: today_for(access=actor, now=NOW))
    for days in (30, 365):
        timed(f"dashboard_cold_{days}", lambda days=days: dashboard(access=actor, today=today, days=days))
    timed("dashboard_cold_30_of_20_stores", lambda: dashboard(access=actor, today=today, store_ids=range(1, 21)))
    timed("cohorts_cold", lambda: cohorts(access=actor, today=today))
    _measure_explanations(timed, today)
    timed("prepare_answers", lambda: prepare_answers(actor=actor, now=NOW))
    warm = [_seconds(lambda: dashboard(access=actor, today=today)) for _ in range(options.repeats)]
    pages = [_seconds(lambda: scored_customers(access=actor, stage="at_risk")) for _ in range(options.repeats)]
    status = lake_status()
    return {
        "orders": options.orders,
        "customers": options.customers,
        "seconds": seconds,
        "dashboard_warm_ms": {"median": _ms(statistics.median(warm)), "worst": _ms(max(warm))},
        "customers_of_a_stage_ms": {"median": _ms(statistics.median(pages)), "worst": _ms(max(pages))},
        "export_peak_mib": round(peak_of_child),
        "own_peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "lake_mib": round(sum(each.size_bytes for each in status.tables) / 2**20, 1),
    }


def _measure_explanations(timed: Callable[[str, Callable[[], Any]], Any], today: date) -> None:
    """Time what the pages on causes, cohorts and traffic ask for the first time."""
    from yutang.foundation.access import Actor
    from yutang.insight import queries

    actor = Actor.system()
    shown = queries.dashboard(access=actor, today=today)
    for by in ("store", "product"):
        asked = queries.Comparison(shown.period, shown.before, by=by)  # type: ignore[arg-type]
        timed(f"why_cold_by_{by}", lambda asked=asked: queries.sales_change(access=actor, today=today, asked=asked))
    whole = queries.Comparison(shown.period, shown.before, by="all", formula="buyers")
    timed(
        "customers_behind_cold",
        lambda: queries.customers_behind(access=actor, today=today, asked=whole, part="buyers", group_key=None),
    )
    timed("coming_back_cold", lambda: queries.coming_back(access=actor, today=today, by="store"))
    timed("next_products_cold", lambda: queries.next_products(access=actor, today=today))
    timed("traffic_cost_cold", lambda: queries.traffic_cost(access=actor, today=today, period=shown.period))


def _fill(options: argparse.Namespace) -> None:
    """Write stores with managers, people, orders and lines; some people buy much more often than others."""
    from django.db import transaction

    from yutang.foundation.bulk import db_instant, insert_rows
    from yutang.foundation.models import Staff, Store
    from yutang.orders.models import Product, Shop

    stores = Store.objects.bulk_create(Store(code=f"S{i}", name=f"Store {i}") for i in range(options.stores))
    for place, store in enumerate(stores):
        manager = Staff.objects.create(username=f"m{place}", display_name=f"M{place}", role="store_manager")
        manager.stores.add(store)
    shop = Shop.objects.create(platform="bench", name="bench")
    product = Product.objects.create(shop=shop, code="P", name="Thing")
    seen_at = db_instant(NOW)
    store_ids = [store.pk for store in stores]
    with transaction.atomic():
        people = ((i, b"", store_ids[i % len(store_ids)], seen_at) for i in range(1, options.customers + 1))
        insert_rows("customers_customer", ("id", "sealed_profile", "store_id", "first_seen_at"), people)
    columns = [
        "id",
        "shop_id",
        "number",
        "customer_id",
        "store_id",
        "status",
        "channel",
        "title",
        "item_count",
        "placed_at",
        "business_date",
        "currency",
        "goods_minor",
        "shipping_minor",
        "total_minor",
        "total_is_stated",
        "refunded_minor",
        "content_digest",
    ]
    with transaction.atomic():
        insert_rows("orders_order", columns, _orders(options, shop.pk, store_ids, db_instant))
    with transaction.atomic():
        lines = ((i, i, b"", 0, product.pk, "", 1, 100, 100) for i in range(1, options.orders + 1))
        names = [
            "id",
            "order_id",
            "line_key",
            "position",
            "product_id",
            "spec",
            "quantity",
            "unit_price_minor",
            "amount_minor",
        ]
        insert_rows("orders_orderline", names, lines)


def _orders(
    options: argparse.Namespace, shop_id: int, store_ids: list[int], written: Callable[[datetime], Any]
) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(options.seed)
    span = MONTHS * 30
    digest = bytes(16)
    for i in range(1, options.orders + 1):
        customer = int(options.customers * chance.random() ** 2) + 1
        day = LAST_DAY - timedelta(days=int(span * chance.random()))
        placed = written(datetime(day.year, day.month, day.day, 4, i % 60, i % 60, i % 997, tzinfo=UTC))
        total = 1_000 + int(chance.random() * 50_000)
        store = store_ids[customer % len(store_ids)]
        refunded = total if chance.random() < 0.03 else 0
        yield (
            i, shop_id, f"{i:012d}", customer, store, 40, "", "", 1, placed, day.isoformat(), "CNY",
            total, 0, total, True, refunded, digest,
        )  # fmt: skip


def _touch(months: int) -> None:
    from yutang.ingest.journal import touch

    touched = [f"2026-{6 - k:02d}" for k in range(months)]
    for table in ("orders_order", "orders_line"):
        touch(table, touched, now=NOW)


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


if __name__ == "__main__":
    main()
