"""Measure a five-condition segment over made-up orders against the same question written by hand in DuckDB's SQL.

    python benchmarks/bench_segments.py --orders 10000000 --customers 1000000

Both ask the same Parquet files through the same engine, in turn. One JSON object on standard output: medians, their ratio,
and whether both found the same people.
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
from datetime import date
from pathlib import Path
from typing import Any

DAY = date(2026, 7, 1)

#: Loyal or growing, reachable by phone, three orders worth 500 in a year, none in the last month, no refund in half a year.
RULE: dict[str, Any] = {
    "version": 1,
    "rule": {
        "all": [
            {"field": "stage", "is": "in", "value": ["loyal", "growing"]},
            {"field": "has_phone", "is": "yes"},
            {"event": "order", "is": "at_least", "value": 3, "when": {"within_days": 365}},
            {
                "event": "order",
                "is": "at_least",
                "measure": "amount_minor",
                "value": 50_000,
                "when": {"within_days": 365},
                "where": [{"field": "channel", "is": "equals", "value": "live"}],
            },
            {"event": "order", "is": "did_not", "when": {"within_days": 30}},
        ]
    },
}

BY_HAND = """
WITH sale AS (
    SELECT customer_id,
        count(*) AS orders,
        sum(CASE WHEN channel = 'live' AND currency = 'CNY' THEN total_minor - refunded_minor ELSE 0 END) AS live_minor,
        max(business_date) AS last_date
    FROM orders_order
    WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL
        AND business_date >= DATE '2025-07-01' AND business_date < DATE '2026-07-01'
    GROUP BY customer_id
)
SELECT person.customer_id
FROM customers_customer AS person
JOIN insight_score AS score ON score.customer_id = person.customer_id
JOIN sale ON sale.customer_id = person.customer_id
WHERE score.stage IN ('loyal', 'growing') AND person.phones > 0
    AND sale.orders >= 3 AND sale.live_minor >= 50000 AND sale.last_date < DATE '2026-06-01'
"""


def main() -> None:
    """Run the benchmark."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-segments-") as folder:
        os.environ["YUTANG_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "yutang.config.settings"
        sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
        import django

        django.setup()
        print(json.dumps(_measured(options, Path(folder) / "lake")))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=2_000_000)
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--repeats", type=int, default=7)
    return parser.parse_args()


def _measured(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from order_lake import order_lake
    from yutang.insight.lake_reading import open_engine
    from yutang.segments.rules.compiling import Standpoint, people_query
    from yutang.segments.rules.reading import rule_from_json

    snapshot = order_lake(orders=options.orders, customers=options.customers, root=folder)
    started = time.perf_counter()
    query = people_query(rule_from_json(RULE), Standpoint(DAY, "CNY"))
    text = query.sql()
    compiled = time.perf_counter() - started
    by_rule: list[float] = []
    by_hand: list[float] = []
    with open_engine(snapshot) as engine:
        for _ in range(options.repeats + 1):
            people = _timed(by_rule, lambda: engine.execute(text, query.params))
            expected = _timed(by_hand, lambda: engine.execute(BY_HAND))
    same = sorted(people["customer_id"].to_pylist()) == sorted(expected["customer_id"].to_pylist())
    rule, hand = statistics.median(by_rule[1:]), statistics.median(by_hand[1:])
    return {
        "orders": options.orders,
        "customers": options.customers,
        "people": people.num_rows,
        "same_people": same,
        "rule_ms": round(rule * 1000, 1),
        "by_hand_ms": round(hand * 1000, 1),
        "ratio": round(rule / hand, 2),
        "compile_ms": round(compiled * 1000, 1),
    }


def _timed(times: list[float], work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    answer = work()
    times.append(time.perf_counter() - started)
    return answer


if __name__ == "__main__":
    main()
