"""Measure what payments cost the lake: a sync that writes something else, one after a payment, and marking as such. One JSON object.

    python benchmarks/bench_lake_payments.py --payments 260000

The store is SQLite in a temporary folder, or what DATABASE_URL names (an empty database).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NOW = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
MONTHS = 12


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=260_000)
    parser.add_argument("--repeats", type=int, default=7, help="how often each sync is measured")
    parser.add_argument("--asked", type=int, default=2_000, help="how many payments are asked for one by one")
    parser.add_argument("--source", default=str(Path(__file__).resolve().parents[1] / "src"), help="code to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-lake-payments-") as folder:
        os.environ["YUTANG_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "yutang.config.settings"
        sys.path.insert(0, options.source)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        print(json.dumps(_measured(options)))


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    from yutang.foundation.access import Actor
    from yutang.foundation.actions import change_setting
    from yutang.ingest.journal import touch
    from yutang.ingest.lake_sync import rebuild_lake, sync_lake
    from yutang.payments.organisation import SANDBOX_IS_OPEN

    change_setting(actor=Actor.system(), key=SANDBOX_IS_OPEN, value=True, now=NOW)
    _fill(options.payments)
    found: dict[str, Any] = {"payments": options.payments, "rebuild": _seconds(lambda: rebuild_lake(now=NOW))}
    others, after = [], []
    for n in range(options.repeats):
        touch("visits_ad_cost", ["2026-01"], now=NOW)
        others.append(_seconds(lambda: sync_lake(now=NOW)))
        _ask(f"sync:{n}")
        # Where payments are not marked, something else must be touched for a sync to write.
        touch("visits_ad_cost", ["2026-01"], now=NOW)
        after.append(_seconds(lambda: sync_lake(now=NOW)))
    found["sync_of_something_else"] = round(statistics.median(others), 3)
    found["sync_after_a_payment"] = round(statistics.median(after), 3)
    asked = _seconds(lambda: [_ask(f"one:{n}") for n in range(options.asked)])
    found["asked_a_second"] = round(options.asked / asked)
    return found


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 3)


def _ask(key: str) -> None:
    from django.db import transaction

    from yutang.foundation.access import Actor
    from yutang.payments.actions import PaymentRequest, ask

    with transaction.atomic():
        ask(actor=Actor.system(), request=PaymentRequest(key, "bench:1", 9_900, "体验"), now=NOW)


def _fill(payments: int) -> None:
    """Write payments of a year, three of four paid."""
    from yutang.payments.models import Payment

    rows = []
    for n in range(payments):
        at = NOW - timedelta(days=n * 30 * MONTHS / payments)
        state = "closed" if n % 4 == 0 else "paid"
        rows.append(
            Payment(
                key=f"k{n}", number=f"{n:032x}", purpose=f"groupbuy-seat:{n}", adapter="sandbox", currency="CNY",
                amount_minor=9_900, subject="体验", state=state, asked_at=at, asked_date=at.date(),
                paid_at=at if state == "paid" else None, closed_at=at if state == "closed" else None,
            )
        )  # fmt: skip
    Payment.objects.bulk_create(rows, batch_size=5_000)


if __name__ == "__main__":
    main()
