"""Measure the move of a store with many orders from SQLite to PostgreSQL: one JSON object on standard output.

    python -m benchmarks.bench_move --orders 5000000

Makes a store with customers (sealed records of 160 bytes), orders and lines in a temporary folder, starts a throw-away PostgreSQL that
waits for the disk as an installed one does, moves, and compares both sides once more.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.serving import environment_of, postgresql

#: What a column holds that a table of orders does not care about, by the kind of its field.
_PLAIN = {"CharField": "''", "TextField": "''", "JSONField": "'{}'", "BinaryField": "x''", "BooleanField": "0"}
_INSTANT = "datetime('2023-01-01', '+' || (i % 1000) || ' days', '+' || (i % 86400) || ' seconds')"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--customers", type=int, help="default: a fifth of the orders")
    options = parser.parse_args()
    customers = options.customers or max(options.orders // 5, 1)
    with tempfile.TemporaryDirectory(prefix="bench-move-") as folder, postgresql(Path(folder) / "server") as address:
        home = Path(folder) / "home"
        _yutang(home, "keys", "status")
        started = time.perf_counter()
        _fill(home, orders=options.orders, customers=customers)
        filled = time.perf_counter() - started
        moved, seconds, peak = _measured(home, "move", "--to", address, "--json")
        compared, again, _peak = _measured(home, "move", "--to", address, "--check", "--json")
        size = (home / "yutang.sqlite3").stat().st_size
    print(
        json.dumps(
            {
                "orders": options.orders,
                "customers": customers,
                "rows": moved["rows"],
                "tables": len(moved["tables"]),
                "sqlite_mb": round(size / 1e6),
                "fill_seconds": round(filled, 1),
                "steps_seconds": moved["seconds"],
                "move_seconds": round(seconds, 1),
                "rows_per_second_without_making_tables": round(moved["rows"] / sum(moved["seconds"].values())),
                "peak_mib": peak,
                "compare_again_seconds": round(again, 1),
                "same_digests": moved["tables"] == compared["tables"],
                "processors": os.cpu_count(),
            }
        )
    )


def _yutang(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yutang.cli.main", *arguments]
    return subprocess.run(command, env=environment_of(home), check=True, capture_output=True, text=True)


def _measured(home: Path, *arguments: str) -> tuple[dict[str, Any], float, int]:
    """Run a command and return what it printed, how long it took in seconds, and its peak memory in MiB."""
    watched = (
        "import json, resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True);"
        " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024); sys.stdout.buffer.write(done.stdout)"
    )
    started = time.perf_counter()
    command = [sys.executable, "-c", watched, sys.executable, "-m", "yutang.cli.main", *arguments]
    done = subprocess.run(command, env=environment_of(home), check=True, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - started
    peak, printed = done.stdout.split("\n", 1)
    return json.loads(printed), seconds, int(peak)


def _fill(home: Path, *, orders: int, customers: int) -> None:
    os.environ.update(environment_of(home))
    import django

    django.setup()
    with closing(sqlite3.connect(home / "yutang.sqlite3", isolation_level=None)) as store:
        store.execute("PRAGMA synchronous=OFF")
        store.execute("BEGIN")
        _insert(store, "orders.Shop", 1, {"platform": "'bench'", "name": "'bench'"})
        _insert(store, "orders.Product", 1, {"shop_id": "1", "code": "'P'", "name": "'茶'"})
        _insert(
            store, "customers.Customer", customers, {"sealed_profile": "randomblob(160)", "first_seen_at": _INSTANT}
        )
        _insert(
            store,
            "orders.Order",
            orders,
            {
                "shop_id": "1", "number": "printf('%015d', i)", "customer_id": f"1 + i % {customers}", "channel": "'online'",
                "title": "'茉莉花茶 250g 礼盒装'", "status": "1", "item_count": "1", "placed_at": _INSTANT,
                "business_date": f"substr({_INSTANT}, 1, 10)", "currency": "'CNY'", "goods_minor": "100 + i % 9999",
                "total_minor": "100 + i % 9999", "content_digest": "randomblob(16)",
            },
        )  # fmt: skip
        _insert(
            store, "orders.OrderLine", orders,
            {
                "order_id": "i", "line_key": "x'00'", "product_id": "1", "quantity": "1", "unit_price_minor": "100 + i % 9999",
                "amount_minor": "100 + i % 9999",
            },
        )  # fmt: skip
        store.execute("COMMIT")


def _insert(store: sqlite3.Connection, model: str, rows: int, values: dict[str, str]) -> None:
    """Write rows whose values are expressions over their number ``i``, from 1; other columns hold nothing."""
    from django.apps import apps

    meta = apps.get_model(model)._meta
    columns = {}
    for field in meta.concrete_fields:
        plain = "NULL" if field.null else _PLAIN.get(field.get_internal_type(), "0")
        columns[field.column] = values.get(field.column, "i" if field.primary_key else plain)
    names = ", ".join(f'"{column}"' for column in columns)
    store.execute(
        f'INSERT INTO "{meta.db_table}" ({names})'
        f" WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {rows})"
        f" SELECT {', '.join(columns.values())} FROM numbers"
    )


if __name__ == "__main__":
    main()
