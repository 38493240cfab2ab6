"""Measure grades and cohorts over made-up orders against the same questions written by hand in DuckDB's SQL.

    python benchmarks/bench_rfm_cohorts.py --orders 10000000 --customers 1000000

The named queries run through the product's engine, those by hand on a bare connection of DuckDB with the same memory and
threads over the same Parquet files, in turn, after one run of each that does not count. One JSON object on standard output:
medians, their ratio, and whether both found the same rows.
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
QUESTIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "rfm": (
        "insight.rfm",
        {"as_of": DAY, "currency": "CNY", "within": "chain"},
        """
        WITH buyer AS (
            SELECT customer_id, count(*) AS orders, count(DISTINCT business_date) AS order_days,
                sum(CASE WHEN currency = 'CNY' THEN total_minor - refunded_minor ELSE 0 END)::BIGINT AS spend_minor,
                min(business_date) AS first_order_date, max(business_date) AS last_order_date,
                date_diff('day', max(business_date), DATE '2026-07-01') - 1 AS recency_days
            FROM orders
            WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01'
            GROUP BY customer_id
        )
        SELECT customer_id, orders, order_days, spend_minor, first_order_date, last_order_date, recency_days, '' AS group_key,
            (1 + 5 * (2 * (rank() OVER (ORDER BY recency_days DESC) - 1) + count(*) OVER (PARTITION BY recency_days))
                // (2 * count(*) OVER ()))::SMALLINT AS r,
            (1 + 5 * (2 * (rank() OVER (ORDER BY orders) - 1) + count(*) OVER (PARTITION BY orders))
                // (2 * count(*) OVER ()))::SMALLINT AS f,
            (1 + 5 * (2 * (rank() OVER (ORDER BY spend_minor) - 1) + count(*) OVER (PARTITION BY spend_minor))
                // (2 * count(*) OVER ()))::SMALLINT AS m
        FROM buyer
        """,
    ),
    "rfm_within_store": (
        "insight.rfm",
        {"as_of": DAY, "currency": "CNY", "within": "store"},
        """
        WITH buyer AS (
            SELECT customer_id, count(*) AS orders, count(DISTINCT business_date) AS order_days,
                sum(CASE WHEN currency = 'CNY' THEN total_minor - refunded_minor ELSE 0 END)::BIGINT AS spend_minor,
                min(business_date) AS first_order_date, max(business_date) AS last_order_date,
                date_diff('day', max(business_date), DATE '2026-07-01') - 1 AS recency_days,
                arg_max(store_id, (business_date, order_id))::VARCHAR AS group_key
            FROM orders
            WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01'
            GROUP BY customer_id
        )
        SELECT *,
            (1 + 5 * (2 * (rank() OVER (PARTITION BY group_key ORDER BY recency_days DESC) - 1)
                + count(*) OVER (PARTITION BY group_key, recency_days))
                // (2 * count(*) OVER (PARTITION BY group_key)))::SMALLINT AS r,
            (1 + 5 * (2 * (rank() OVER (PARTITION BY group_key ORDER BY orders) - 1)
                + count(*) OVER (PARTITION BY group_key, orders))
                // (2 * count(*) OVER (PARTITION BY group_key)))::SMALLINT AS f,
            (1 + 5 * (2 * (rank() OVER (PARTITION BY group_key ORDER BY spend_minor) - 1)
                + count(*) OVER (PARTITION BY group_key, spend_minor))
                // (2 * count(*) OVER (PARTITION BY group_key)))::SMALLINT AS m
        FROM buyer
        """,
    ),
    "rfm_by_thresholds": (
        "insight.rfm_by_thresholds",
        {
            "as_of": DAY,
            "currency": "CNY",
            "within": "chain",
            "recency_limits": [30, 90, 180, 365],
            "order_limits": [2, 3, 5, 10],
            "spend_limits": [10_000, 30_000, 80_000, 200_000],
        },
        """
        WITH buyer AS (
            SELECT customer_id, count(*) AS orders, count(DISTINCT business_date) AS order_days,
                sum(CASE WHEN currency = 'CNY' THEN total_minor - refunded_minor ELSE 0 END)::BIGINT AS spend_minor,
                min(business_date) AS first_order_date, max(business_date) AS last_order_date,
                date_diff('day', max(business_date), DATE '2026-07-01') - 1 AS recency_days
            FROM orders
            WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01'
            GROUP BY customer_id
        )
        SELECT customer_id, orders, order_days, spend_minor, first_order_date, last_order_date, recency_days, '' AS group_key,
            (CASE WHEN recency_days <= 30 THEN 5 WHEN recency_days <= 90 THEN 4 WHEN recency_days <= 180 THEN 3
                WHEN recency_days <= 365 THEN 2 ELSE 1 END)::SMALLINT AS r,
            (CASE WHEN orders >= 10 THEN 5 WHEN orders >= 5 THEN 4 WHEN orders >= 3 THEN 3 WHEN orders >= 2 THEN 2
                ELSE 1 END)::SMALLINT AS f,
            (CASE WHEN spend_minor >= 200000 THEN 5 WHEN spend_minor >= 80000 THEN 4 WHEN spend_minor >= 30000 THEN 3
                WHEN spend_minor >= 10000 THEN 2 ELSE 1 END)::SMALLINT AS m
        FROM buyer
        """,
    ),
    "cohorts": (
        "insight.cohorts",
        {"first_month": 2024 * 12 + 6, "end_date": DAY, "stores": None},
        """
        WITH active AS (
            SELECT DISTINCT customer_id, year(business_date) * 12 + month(business_date) - 1 AS active_in
            FROM orders
            WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01'
        ),
        first AS (SELECT customer_id, min(active_in) AS cohort_month FROM active GROUP BY customer_id)
        SELECT cohort_month::INTEGER AS cohort_month, (active_in - cohort_month)::INTEGER AS month_offset, count(*) AS customers
        FROM first JOIN active USING (customer_id)
        WHERE cohort_month >= 24294
        GROUP BY ALL ORDER BY 1, 2
        """,
    ),
    "cohort_returns": (
        "insight.cohort_returns",
        {"grouping": "month", "since_date": date(2025, 7, 1), "end_date": DAY, "stores": None, "most": 40},
        """
        WITH sale AS (
            SELECT customer_id, business_date FROM orders
            WHERE status NOT IN (0, 50) AND customer_id IS NOT NULL AND business_date < DATE '2026-07-01'
        ),
        member AS (
            SELECT customer_id, min(business_date) AS first_date, strftime(min(business_date), '%Y-%m') AS group_key
            FROM sale GROUP BY customer_id HAVING min(business_date) >= DATE '2025-07-01'
        ),
        watched AS (
            SELECT group_key, 'watched' AS counted, (date_diff('day', first_date, DATE '2026-07-01') - 1) // 30 AS span,
                count(*) AS customers
            FROM member GROUP BY ALL
        ),
        later AS (
            SELECT DISTINCT group_key, customer_id, first_date, (date_diff('day', first_date, business_date) + 29) // 30 AS span
            FROM member JOIN sale USING (customer_id)
            WHERE business_date > first_date
        ),
        active AS (
            SELECT group_key, 'active' AS counted, span, count(*) AS customers
            FROM later WHERE span <= (date_diff('day', first_date, DATE '2026-07-01') - 1) // 30
            GROUP BY ALL
        )
        SELECT group_key, counted, span::INTEGER AS span, customers FROM watched
        UNION ALL
        SELECT group_key, counted, span::INTEGER AS span, customers FROM active
        ORDER BY 1, 2, 3
        """,
    ),
}


def main() -> None:
    """Run the benchmark."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-rfm-") as folder:
        os.environ["YUTANG_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "yutang.config.settings"
        sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
        import django

        django.setup()
        print(json.dumps(_measured(options, Path(folder) / "lake")))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=2_000_000)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=list(QUESTIONS), action="append", help="only this question; may be repeated")
    return parser.parse_args()


def _measured(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from order_lake import order_lake
    from yutang.insight.lake_reading import answer, open_engine

    snapshot = order_lake(orders=options.orders, customers=options.customers, root=folder)
    files = [str(path) for path in snapshot.paths_of("orders_order")]
    found: dict[str, Any] = {"orders": options.orders, "customers": options.customers}
    bare = _bare(files, folder / "spill-by-hand")
    with open_engine(snapshot) as engine:
        for code in options.only or QUESTIONS:
            name, params, by_hand = QUESTIONS[code]
            named: list[float] = []
            hand: list[float] = []
            for _ in range(options.repeats + 1):
                rows = _timed(named, lambda name=name, params=params: answer(engine, name, params))
                expected = _timed(hand, lambda by_hand=by_hand: bare.sql(by_hand).to_arrow_table())
            ours, theirs = statistics.median(named[1:]), statistics.median(hand[1:])
            found[code] = {
                "rows": rows.num_rows,
                "same_rows": _same(rows, expected),
                "named_ms": round(ours * 1000, 1),
                "by_hand_ms": round(theirs * 1000, 1),
                "ratio": round(ours / theirs, 2),
            }
    return found


def _bare(files: list[str], spill: Path) -> Any:
    """Return a connection with the engine's memory and threads, and the orders as a view over the same files."""
    import duckdb

    limit = os.environ.get("YUTANG_QUERY_MEMORY", "1GB")
    threads = int(os.environ.get("YUTANG_QUERY_THREADS", "0")) or os.cpu_count() or 1
    connection = duckdb.connect(config={"memory_limit": limit, "threads": threads, "temp_directory": str(spill)})
    connection.read_parquet(files).create_view("orders")
    return connection


def _same(rows: Any, expected: Any) -> bool:
    """Return whether both tables hold the same rows, whatever their order and the width of their numbers."""
    names = expected.column_names
    ordered = [table.select(names).sort_by([(name, "ascending") for name in names]) for table in (rows, expected)]
    return bool(ordered[0].cast(ordered[1].schema).equals(ordered[1]))


def _timed(times: list[float], work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    answer = work()
    times.append(time.perf_counter() - started)
    return answer


if __name__ == "__main__":
    main()
